//! Which files of an app are deployed.

use crate::app::App;
use crate::crates::is_crate;
use crate::funcignore::Ignored;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files by their paths in the package, which have `/` on every system; sorted.
pub type Files = BTreeMap<String, PathBuf>;

/// What never belongs to a deployed app, wherever it lies: settings of this machine, and what only builds it.
const NEVER: [&str; 4] = ["Cargo.lock", "Cargo.toml", "local.settings.json", "node_modules"];

/// How the file CACHEDIR.TAG begins, by <https://bford.info/cachedir/>.
const CACHE: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";

/// The app's own files: not those that `.funcignore` names, nor sources in Rust, hidden files, or packages, which are
/// installed anew.
pub fn of_app(app: &App, target_folders: &[PathBuf], ignored: &Ignored) -> Result<Files> {
    let tarballs: Vec<PathBuf> = app.file_packages().map(|(_, place)| app.root.join(place)).collect();
    let mut files = Files::new();
    walk(&app.root, &mut |file, path, is_folder| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_build = is_folder && (is_crate(file) || is_target(file, target_folders));
        let is_source = !is_folder && (name.ends_with(".rs") || path == "package-lock.json");
        let is_out = name.starts_with('.')
            || NEVER.contains(&name)
            || is_build
            || is_source
            || tarballs.iter().any(|tarball| tarball == file)
            || ignored.has(path, is_folder);
        if !is_out && !is_folder {
            files.insert(path.to_owned(), file.to_owned());
        }
        !is_out
    })?;
    Ok(files)
}

/// Whether cargo builds into a folder, or did when its settings were others: it marks such a folder as a cache.
fn is_target(folder: &Path, target_folders: &[PathBuf]) -> bool {
    let is_cache = || fs::read(folder.join("CACHEDIR.TAG")).is_ok_and(|tag| tag.starts_with(CACHE));
    target_folders.iter().any(|target| target.canonicalize().ok() == folder.canonicalize().ok()) || is_cache()
}

/// The installed packages below a folder: not what `.funcignore` names, nor what is only for npm.
pub fn of_packages(folder: &Path, ignored: &Ignored) -> Result<Files> {
    let mut files = Files::new();
    if !folder.join("node_modules").is_dir() {
        return Ok(files);
    }
    walk(&folder.join("node_modules"), &mut |file, path, is_folder| {
        let path = format!("node_modules/{path}");
        let is_of_npm = ["node_modules/.package-lock.json", "node_modules/.bin"].iter().any(|end| path.ends_with(end));
        let is_out = is_of_npm || ignored.has(&path, is_folder);
        if !is_out && !is_folder {
            files.insert(path, file.to_owned());
        }
        !is_out
    })?;
    Ok(files)
}

/// Shows a folder's files and folders, links resolved; a folder is entered where `visit` says so.
fn walk(folder: &Path, visit: &mut impl FnMut(&Path, &str, bool) -> bool) -> Result<()> {
    below(folder, "", &mut Vec::new(), visit)
}

fn below(
    folder: &Path,
    prefix: &str,
    above: &mut Vec<PathBuf>,
    visit: &mut impl FnMut(&Path, &str, bool) -> bool,
) -> Result<()> {
    let real = folder.canonicalize().with_context(|| format!("cannot read {}", folder.display()))?;
    if above.contains(&real) {
        bail!("the link {} leads back to a folder that it lies in", folder.display());
    }
    above.push(real);
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let file = entry.path();
        let Ok(name) = entry.file_name().into_string() else {
            bail!("the name of {} is not UTF-8", file.display());
        };
        let path = format!("{prefix}{name}");
        // A link to nowhere matters only where it would be packed.
        let is_folder = file.is_dir();
        if visit(&file, &path, is_folder) && is_folder {
            below(&file, &format!("{path}/"), above, visit)?;
        }
    }
    above.pop();
    Ok(())
}
