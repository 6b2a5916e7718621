//! `bluecrab package`: a zip of an app, to be deployed to Azure Functions.

use crate::app::{App, read_json};
use crate::crates::Crates;
use crate::files::{self, Files};
use crate::funcignore::Ignored;
use crate::npm::{QUIETLY, npm};
use crate::size::Size;
use crate::tools;
use crate::{archive, build, output};
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// What to pack, and where to.
#[derive(Args)]
#[command(after_help = "Example:\n    bluecrab package --output hello.zip")]
pub struct Options {
    /// The app's folder: the one with host.json
    #[arg(default_value = ".")]
    app: PathBuf,
    /// The file to write; without it, the app's name with .zip in the working folder
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Pack the modules that are there, without building them first
    #[arg(long)]
    no_build: bool,
}

/// Builds the app, packs what is deployed of it, and says how to deploy it.
pub fn run(options: &Options) -> Result<()> {
    let app = App::open(&options.app)?;
    check_tarballs(&app)?;
    let name = app.name()?;
    let output = options.output.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.zip")));
    output::check(&output)?;
    let crates = match Crates::of(&app) {
        // Where nothing is built, Rust may be missing.
        Err(_) if options.no_build => Crates::default(),
        crates => crates?,
    };
    let has_modules = !crates.modules()?.is_empty();
    if !options.no_build && has_modules {
        for module in build::build(&app)? {
            say!("{module}");
        }
    }
    let staging = tempfile::tempdir().context("cannot make a folder for what is packed")?;
    let ignored = Ignored::of(&app.root)?;
    let mut files = files::of_app(&app, &crates.target_folders, &ignored)?;
    remove(&mut files, &output);
    check_main(&app, &files)?;
    ensure!(
        !has_modules || files.keys().any(|file| file.ends_with(".wasm")),
        "{} has no module yet: leave out --no-build, or run `bluecrab build` first",
        app.root.display()
    );
    if app.has_dependencies() {
        install(&app, staging.path())?;
        files.extend(files::of_packages(staging.path(), &ignored)?);
    }
    let (bytes, total) = archive::pack(&files)?;
    write(&output, &bytes)?;
    let (file, count) = (output.display(), files.len());
    say!("{file}, {} ({count} files, {} unpacked). Deploy it:\n", Size(bytes.len() as u64), Size(total));
    say!(
        "    az functionapp deployment source config-zip --resource-group GROUP --name {name} --src {file}\n\n\
         It needs a function app on Linux with Node.js 22 or 24 and Functions 4, and no build on the server."
    );
    Ok(())
}

/// npm installs a folder as a link, which leads nowhere once it is deployed; a tarball is copied to the same place below
/// another folder, which only a path that goes down from the app's folder has there.
fn check_tarballs(app: &App) -> Result<()> {
    for (name, place) in app.file_packages() {
        let path = app.root.join(place);
        if !path.is_file() || !is_inside(&path, &app.root) {
            bail!(
                "package.json takes `{name}` from `file:{place}`, which cannot be deployed: make a tarball of it \
                 (`npm pack`), put it into a folder of the app, and name the tarball"
            );
        }
        let goes_down = |part| matches!(part, Component::CurDir | Component::Normal(_));
        ensure!(
            Path::new(place).components().all(goes_down),
            "package.json takes `{name}` from `file:{place}`: name the tarball by its path from the app's folder, \
             without `..`"
        );
    }
    Ok(())
}

fn is_inside(path: &Path, folder: &Path) -> bool {
    path.canonicalize().and_then(|path| Ok(path.starts_with(folder.canonicalize()?))).unwrap_or(false)
}

/// A package never holds its predecessor.
fn remove(files: &mut Files, output: &Path) {
    if let Ok(output) = output.canonicalize() {
        files.retain(|_, file| file.canonicalize().map_or(true, |file| file != output));
    }
}

/// What registers the functions must be there; of a pattern, some file.
fn check_main(app: &App, files: &Files) -> Result<()> {
    let Some(main) = &app.package.main else {
        bail!("package.json has no `main`: name the file that registers the functions");
    };
    let main = main.trim_start_matches("./");
    let is_there = files.keys().any(|file| file == main) || main.contains(['*', '{', '?', '[']);
    ensure!(
        is_there || files.keys().any(|file| file == &format!("{main}.js")),
        "package.json says `main` is {main}, which is not among the app's files: is it built, and does .funcignore leave it?"
    );
    Ok(())
}

/// Installs what the app needs in production on Azure's machines, in a folder apart.
fn install(app: &App, staging: &Path) -> Result<()> {
    let mut package = read_json(&app.root.join("package.json"))?;
    if let Some(package) = package.as_object_mut() {
        // They build the app or serve its developer, and their files are not here.
        package.remove("scripts");
    }
    fs::write(staging.join("package.json"), package.to_string()).context("cannot write package.json")?;
    for file in ["package-lock.json", ".npmrc"] {
        if app.root.join(file).is_file() {
            copy(&app.root.join(file), &staging.join(file))?;
        }
    }
    for (_, place) in app.file_packages() {
        copy(&app.root.join(place), &staging.join(place))?;
    }
    let verb = if staging.join("package-lock.json").is_file() { "ci" } else { "install" };
    tell!("Installing the packages for production");
    let mut install = npm(&[verb, "--omit=dev", "--os=linux", "--cpu=x64", "--libc=glibc", "--prefer-offline"]);
    tools::run_silently(install.args(QUIETLY).current_dir(staging))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

fn write(output: &Path, bytes: &[u8]) -> Result<()> {
    let aside = output.with_added_extension("new");
    fs::write(&aside, bytes).with_context(|| format!("cannot write {}", aside.display()))?;
    fs::rename(&aside, output).with_context(|| format!("cannot put {} in place", output.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_tarball_is_taken_only_by_a_path_that_goes_down_from_the_app() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("shop");
        fs::create_dir_all(root.join("vendor")).unwrap();
        for file in ["host.json", "vendor/a.tgz", "../outside.tgz"] {
            fs::write(root.join(file), "{}").unwrap();
        }
        let check = |place: &str| {
            let package = json!({ "dependencies": { "a": format!("file:{place}") } });
            fs::write(root.join("package.json"), package.to_string()).unwrap();
            check_tarballs(&App::open(&root).unwrap()).map_err(|error| error.to_string())
        };
        assert_eq!(check("vendor/a.tgz"), Ok(()));
        assert_eq!(check("./vendor/a.tgz"), Ok(()));
        let absolute = root.join("vendor/a.tgz");
        for place in [absolute.to_str().unwrap(), "../shop/vendor/a.tgz", "vendor/../vendor/a.tgz"] {
            assert!(check(place).unwrap_err().contains("by its path from the app's folder"), "{place}");
        }
        for place in ["../outside.tgz", "vendor", "vendor/gone.tgz"] {
            assert!(check(place).unwrap_err().contains("cannot be deployed"), "{place}");
        }
    }
}
