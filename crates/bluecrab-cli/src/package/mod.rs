//! `bluecrab package`: packs an app into a zip file for Azure Functions.

mod archive;
pub mod binaries;
pub mod files;
pub mod ignored;
mod layout;
mod pack_list;
mod production;

use crate::app::App;
use crate::build::budget::Budget;
use crate::build::component;
use crate::build::names;
use crate::build::{self, Purpose};
use crate::crates::Crates;
use crate::member::is_workspace;
use crate::module::Module;
use crate::npm::Manager;
use crate::size::Size;
use crate::{output, tools};
use anyhow::{Result, bail, ensure};
use clap::Args;
use files::Files;
use globset::GlobBuilder;
use ignored::Ignored;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The arguments of `bluecrab package`.
#[derive(Args)]
#[command(after_help = "Example:\n    bluecrab package --output hello.zip")]
pub struct PackageArgs {
    /// The app's folder, which contains host.json
    #[arg(default_value = ".")]
    app: PathBuf,
    /// The zip file to write [default: the app's name with .zip]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Pack the modules that exist, without building them
    #[arg(long)]
    no_build: bool,
}

/// Builds the app, packs its files, and prints how to deploy the package.
pub fn run(arguments: &PackageArgs) -> Result<()> {
    let app = App::open(&arguments.app)?;
    bluecrab_host::check_host_json(&app.root)?;
    check_files(&app)?;
    let name = app.name()?;
    let output = arguments.output.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.zip")));
    output::check_replaceable(&output)?;
    let crates = match Crates::of(&app) {
        // With `--no-build`, Rust need not be installed, and cargo may be missing.
        Err(_) if arguments.no_build => Crates::default(),
        crates => crates?,
    };
    let has_modules = !crates.modules()?.is_empty() || !app.package.bluecrab.build.is_empty();
    if !arguments.no_build && (has_modules || (crates.have_no_module() && build::has_wasm(&app)?)) {
        let built = build::build(&app, "node", Purpose::Deploy)?;
        built.lines().for_each(|line| say!("{line}"));
        built.check(&app, Budget::default(), false)?;
    }
    if arguments.no_build {
        print_debug_modules(&app)?;
    }
    let ignored = Ignored::of(&app.root, crates.folders(&app)?.iter().map(String::as_str))?;
    // Installing takes much longer than this look at the app's files.
    let mut files = files::of_app(&app, &crates.target_folders, &ignored)?;
    ensure!(
        !has_modules || files.keys().any(|file| file.ends_with(".wasm")),
        "{} has no module yet: remove --no-build, or run `bluecrab build` first",
        app.root.display()
    );
    let production = production::install(&app, &crates.target_folders, &ignored)?;
    let folder = production.as_ref().map_or(app.root.as_path(), |production| &production.app);
    if production.is_some() {
        files = files::of_app(&app.copied_to(folder), &crates.target_folders, &ignored)?;
    }
    remove(&mut files, &output, &app, folder);
    component::leave_out(&app.root, &mut files)?;
    check_main(&app, &files)?;
    if let Some(production) = &production {
        files.extend(production.packages(&ignored)?);
    }
    binaries::check(&files)?;
    let (bytes, total) = archive::pack(&files)?;
    output::replace(&output, &bytes)?;
    let (file, count) = (output.display(), files.len());
    say!("{file}, {} ({count} files, {} unpacked). Deploy it:\n", Size(bytes.len() as u64), Size(total));
    say!(
        "    az functionapp deployment source config-zip --resource-group GROUP --name {} --src {}\n\n\
         It needs a function app on Linux with Node.js 22 or 24 and Functions 4, and no build on the server.",
        tools::quoted(&name),
        tools::quoted(&output.to_string_lossy())
    );
    Ok(())
}

/// Prints which modules have debug information, because they are large, and probably not optimised.
fn print_debug_modules(app: &App) -> Result<()> {
    for module in Module::all_in(&app.root)? {
        if fs::read(&module.file).is_ok_and(|bytes| names::has_debug_info(&bytes)) {
            tell!(
                "note: {} has debug information: if it comes from `bluecrab dev --debug`, it is large and slow; \
                 leave out --no-build to pack an optimised module",
                module.name()
            );
        }
    }
    Ok(())
}

/// Checks the dependencies that come from files and folders.
///
/// A package manager may install a folder as a link. Its files are copied, as for a member of the workspace. A tarball
/// is copied together with the app, so its path must lead from the app's folder downwards.
fn check_files(app: &App) -> Result<()> {
    if let Some((name, from)) = app.missing_members().next() {
        bail!(
            "package.json takes `{name}` from `{from}`, and no member of the app's workspace has this name: add the \
             member, or name its folder: `file:../FOLDER`"
        );
    }
    if let Some((name, folder)) = app.members().next() {
        let manager = Manager::of(&app.root)?;
        ensure!(
            is_workspace(&app.root) || manager.workspace_of(&app.root).is_some(),
            "package.json takes `{name}` from the workspace ({}), which has no lock file with the app's packages: make \
             the app a member of the workspace, and run `{} install` in the workspace's root",
            folder.display(),
            manager.name()
        );
    }
    for (name, place) in app.file_packages() {
        ensure!(
            !Path::new(place).is_absolute(),
            "package.json takes `{name}` from {place}: name it by its path from the app's folder, which is the same on \
             other machines"
        );
        let path = app.root.join(place);
        if path.join("package.json").is_file() {
            continue;
        }
        ensure!(!path.is_dir(), "package.json takes `{name}` from {place}, a folder without package.json");
        ensure!(path.is_file(), "package.json takes `{name}` from {place}, and there is no such folder or tarball");
        let goes_down = |part| matches!(part, Component::CurDir | Component::Normal(_));
        ensure!(
            is_inside(&path, &app.root) && Path::new(place).components().all(goes_down),
            "package.json takes `{name}` from {place}: put the tarball into a folder of the app, and name it by its \
             path from there, without `..`"
        );
    }
    Ok(())
}

fn is_inside(path: &Path, folder: &Path) -> bool {
    dunce::canonicalize(path).and_then(|path| Ok(path.starts_with(dunce::canonicalize(folder)?))).unwrap_or(false)
}

/// Removes the previous package from the files.
fn remove(files: &mut Files, output: &Path, app: &App, folder: &Path) {
    let place = |file: &Path| dunce::canonicalize(file).ok();
    let in_app = |file: &Path| file.strip_prefix(folder).map_or(file.to_owned(), |path| app.root.join(path));
    if let Some(output) = place(output) {
        files.retain(|_, file| place(&in_app(file)).as_ref() != Some(&output));
    }
}

/// Checks that `main` in package.json matches a file: the file itself, a folder, or a pattern.
pub fn check_main(app: &App, files: &Files) -> Result<()> {
    let Some(main) = &app.package.main else {
        bail!("package.json has no `main`: name the file that registers the functions");
    };
    let path = main.trim_start_matches("./").trim_end_matches('/');
    let below = format!("{path}/");
    let pattern = GlobBuilder::new(path).literal_separator(true).build().ok().map(|glob| glob.compile_matcher());
    let registers = |file: &String| {
        let is_script = ["js", "cjs", "mjs"].iter().any(|end| file.ends_with(&format!(".{end}")));
        file == path
            || (is_script && (file == &format!("{path}.js") || file.starts_with(&below)))
            || (is_script && pattern.as_ref().is_some_and(|pattern| pattern.is_match(file)))
    };
    if files.keys().any(registers) {
        return Ok(());
    }
    let remedy = if main.contains('\\') {
        "write `/` instead of `\\`, which Linux takes for a part of a name".to_owned()
    } else if app.package.scripts.contains_key("build") {
        format!("run `{} run build` first", Manager::of(&app.root)?.name())
    } else {
        "check that it is built and that .funcignore does not leave it out".to_owned()
    };
    bail!("package.json says `main` is {main}, which is not among the app's files: {remedy}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn accepts_a_tarball_only_below_the_app() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("shop");
        fs::create_dir_all(root.join("vendor")).unwrap();
        for file in ["host.json", "vendor/a.tgz", "../outside.tgz"] {
            fs::write(root.join(file), "{}").unwrap();
        }
        let check = |place: &str| {
            let package = json!({ "dependencies": { "a": format!("file:{place}") } });
            fs::write(root.join("package.json"), package.to_string()).unwrap();
            check_files(&App::open(&root).unwrap()).map_err(|error| error.to_string())
        };
        assert_eq!(check("vendor/a.tgz"), Ok(()));
        assert_eq!(check("./vendor/a.tgz"), Ok(()));
        let absolute = root.join("vendor/a.tgz");
        for (place, reason) in [
            (absolute.to_str().unwrap(), "the same on other machines"),
            ("../shop/vendor/a.tgz", "put the tarball into a folder of the app"),
            ("vendor/../vendor/a.tgz", "without `..`"),
            ("../outside.tgz", "put the tarball into a folder of the app"),
            ("vendor", "a folder without package.json"),
            ("vendor/gone.tgz", "there is no such folder or tarball"),
        ] {
            let said = check(place).unwrap_err();
            assert!(said.contains(reason), "{place}: {said}");
        }
    }
}
