//! Lists the files of an app for deployment, and copies an app.

use super::ignored::Ignored;
use super::layout::Layout;
use super::pack_list;
use crate::app::App;
use crate::interrupts;
use crate::npm::Manager;
use anyhow::{Context, Result, bail};
use ignore::WalkBuilder;
use indexmap::IndexMap;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files by their path in the package. Paths use `/` on every system and are sorted.
pub type Files = BTreeMap<String, PathBuf>;

/// Names that are never deployed, in any folder: the settings of this machine, and packages, which are installed
/// separately. Case does not matter, because some systems ignore it.
const NEVER: [&str; 2] = ["local.settings.json", "node_modules"];

/// Files that package managers keep for their own use.
const OF_MANAGERS: [&str; 10] = [
    ".bin",
    ".cache",
    ".modules.yaml",
    ".package-lock.json",
    ".package-map.json",
    ".pnpm",
    ".pnpm-workspace-state.json",
    ".pnpm-workspace-state-v1.json",
    ".yarn-integrity",
    ".yarn-state.yml",
];

/// The first bytes of the file CACHEDIR.TAG (<https://bford.info/cachedir/>).
const CACHE: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";

/// Returns the app's own files that are deployed.
pub fn of_app(app: &App, target_folders: &[PathBuf], ignored: &Ignored) -> Result<Files> {
    let mut files = Files::new();
    walk(&app.root, &mut |file, path, is_folder| {
        if is_never_packed(path) {
            return Ok(false);
        }
        if is_folder {
            return Ok(!is_target(file, target_folders) && !ignored.has_all_of(path));
        }
        if !ignored.has(path) && !app.is_package(path) && !is_link_to_secret(file, ignored) {
            files.insert(path.to_owned(), file.to_owned());
        }
        Ok(false)
    })?;
    Ok(files)
}

fn is_never_packed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    NEVER.iter().any(|never| never.eq_ignore_ascii_case(name))
}

/// Returns whether a file is a link to a file that is left out by name, such as `.env`.
fn is_link_to_secret(file: &Path, ignored: &Ignored) -> bool {
    let target = if file.is_symlink() { dunce::canonicalize(file).ok() } else { None };
    let name = target.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
    name.is_some_and(|name| is_never_packed(name) || ignored.has(name))
}

/// Returns whether a folder is or was a target folder of cargo, which marks it with CACHEDIR.TAG.
fn is_target(folder: &Path, target_folders: &[PathBuf]) -> bool {
    let is_cache = || fs::read(folder.join("CACHEDIR.TAG")).is_ok_and(|tag| tag.starts_with(CACHE));
    target_folders.iter().any(|target| dunce::canonicalize(target).ok() == dunce::canonicalize(folder).ok())
        || is_cache()
}

/// Returns the files of installed packages that are deployed.
pub fn of_packages(folder: &Path, ignored: &Ignored) -> Result<Files> {
    let mut files = Files::new();
    if !folder.join("node_modules").is_dir() {
        return Ok(files);
    }
    walk(&folder.join("node_modules"), &mut |file, path, is_folder| {
        let path = format!("node_modules/{path}");
        let is_of_manager = path.rsplit_once("node_modules/").is_some_and(|(_, name)| OF_MANAGERS.contains(&name));
        if is_folder || is_of_manager {
            return Ok(!is_of_manager);
        }
        if !ignored.has_in_packages(&path) {
            files.insert(path, file.to_owned());
        }
        Ok(false)
    })?;
    Ok(files)
}

/// Returns the files to deploy for the packages of a layout. They include what install scripts have made next to the
/// packages, such as `node_modules/.prisma`.
pub fn of_layout(layout: &Layout, roots: &[&PathBuf], ignored: &Ignored) -> Result<Files> {
    let mut folders = layout.clone();
    for node_modules in roots.iter().map(|root| root.join("node_modules")).filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(&node_modules).with_context(|| format!("cannot read {}", node_modules.display()))? {
            let (folder, name) = entry.map(|entry| (entry.path(), entry.file_name().to_string_lossy().into_owned()))?;
            if name.starts_with('.') && !OF_MANAGERS.contains(&name.as_str()) && folder.is_dir() {
                folders.insert(format!("node_modules/{name}"), folder);
            }
        }
    }
    let mut files = Files::new();
    for (place, folder) in &folders {
        walk(folder, &mut |file, path, is_folder| {
            let path = format!("{place}/{path}");
            if !is_folder && !ignored.has_in_packages(&path) {
                files.insert(path.clone(), file.to_owned());
            }
            // Skip `node_modules` within a package: the layout has its packages at places of their own.
            Ok(is_folder && !path.ends_with("/node_modules"))
        })?;
    }
    Ok(files)
}

/// Copies what a package manager reads in a workspace: the files in its root, the files of the package managers, and
/// the package.json, without scripts, and the tarballs of each member.
pub fn copy_workspace(root: &Path, to: &Path) -> Result<()> {
    let mut walk = WalkBuilder::new(root);
    walk.standard_filters(false);
    walk.filter_entry(|entry| !["node_modules", ".git", "target"].iter().any(|name| entry.file_name() == *name));
    for entry in walk.build() {
        let entry = entry.with_context(|| format!("cannot read {}", root.display()))?;
        let path = entry.path().strip_prefix(root)?;
        let is_read = entry.depth() == 1
            || ["package.json", ".npmrc"].iter().any(|name| entry.file_name() == *name)
            || path.extension().is_some_and(|end| end == "tgz")
            || [".yarn", "patches"].iter().any(|folder| path.starts_with(folder));
        if is_read && entry.path().is_file() {
            copy_file(entry.path(), &to.join(path))?;
            if entry.depth() > 1 && entry.file_name() == "package.json" {
                remove_scripts(&to.join(path))?;
            }
        }
    }
    Ok(())
}

/// Copies the files of a member of a workspace that npm would pack. Its package.json is already there.
pub fn copy_member(folder: &Path, to: &Path) -> Result<()> {
    for path in pack_list::of(folder)?.iter().filter(|path| *path != Path::new("package.json")) {
        copy_file(&folder.join(path), &to.join(path))?;
    }
    Ok(())
}

/// Copies a package that an app names by its path: the files that npm would pack, and the lock files, with which its
/// own packages are installed.
pub fn copy_package(folder: &Path, to: &Path) -> Result<()> {
    copy_member(folder, to)?;
    let locks = Manager::ALL.into_iter().flat_map(Manager::locks).filter(|lock| folder.join(lock).is_file());
    for file in locks.chain([&"package.json"]) {
        copy_file(&folder.join(file), &to.join(file))?;
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let cannot = || format!("cannot copy {} to {}", from.display(), to.display());
    fs::create_dir_all(to.parent().unwrap_or(to)).with_context(cannot)?;
    fs::copy(from, to).map(drop).with_context(cannot)
}

/// Removes the scripts of a package. They build it, and what they need for that is not in the copy.
pub fn remove_scripts(package_json: &Path) -> Result<()> {
    let text = fs::read_to_string(package_json).with_context(|| format!("cannot read {}", package_json.display()))?;
    // The order counts in a field such as `exports`, and is kept.
    let package: Result<IndexMap<&str, &RawValue>, _> = serde_json::from_str(text.trim_start_matches('\u{feff}'));
    let Ok(mut package) = package else { return Ok(()) };
    if package.shift_remove("scripts").is_some() {
        let text = serde_json::to_string(&package).context("cannot write a package.json")?;
        fs::write(package_json, text).with_context(|| format!("cannot write {}", package_json.display()))?;
    }
    Ok(())
}

/// Copies an app with everything that a package manager or script may need, except packages, target folders and `.git`.
pub fn copy_app(app: &Path, target_folders: &[PathBuf], ignored: &Ignored, to: &Path) -> Result<()> {
    walk(app, &mut |file, path, is_folder| {
        let is_git = path == ".git" || path.ends_with("/.git");
        if is_never_packed(path) || is_git || (is_folder && is_target(file, target_folders)) {
            return Ok(false);
        }
        let copy = to.join(path);
        let cannot = || format!("cannot copy {} to {}", file.display(), copy.display());
        #[cfg(unix)]
        if file.is_symlink() {
            let target = dunce::canonicalize(file).or_else(|_| fs::read_link(file)).with_context(cannot)?;
            std::os::unix::fs::symlink(target, &copy).with_context(cannot)?;
            return Ok(false);
        }
        let is_left_out = if is_folder { ignored.has_all_of(path) } else { ignored.has(path) };
        if is_left_out && !is_readable(file, is_folder) {
            return Ok(false);
        }
        if is_folder {
            fs::create_dir_all(&copy).with_context(cannot)?;
        } else {
            fs::copy(file, &copy).with_context(cannot)?;
        }
        Ok(is_folder)
    })
}

/// Returns whether this user may read a file or folder; a database, for example, protects its files.
fn is_readable(file: &Path, is_folder: bool) -> bool {
    if is_folder { fs::read_dir(file).is_ok() } else { fs::File::open(file).is_ok() }
}

/// Receives a file or folder, its path relative to the start, and whether it is a folder. Returns whether to enter it.
type Visit<'a> = &'a mut dyn FnMut(&Path, &str, bool) -> Result<bool>;

/// Visits the files and folders below a folder, following links.
fn walk(folder: &Path, visit: Visit) -> Result<()> {
    below(folder, "", &mut Vec::new(), visit)
}

fn below(folder: &Path, prefix: &str, above: &mut Vec<PathBuf>, visit: Visit) -> Result<()> {
    let real = dunce::canonicalize(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    if above.contains(&real) {
        bail!(
            "the link {} leads to a folder that contains it: remove it, or leave it out by a line in .funcignore",
            folder.display()
        );
    }
    above.push(real);
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        interrupts::check()?;
        let entry = entry?;
        let file = entry.path();
        let Ok(name) = entry.file_name().into_string() else {
            bail!("the name of {} is not UTF-8, which no zip can hold: rename the file, or remove it", file.display());
        };
        let path = format!("{prefix}{name}");
        // A broken link is an error only if the package would contain it.
        let is_folder = file.is_dir();
        // Opening a named pipe would wait for its writer.
        if !is_folder && file.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            tell!("note: {} is neither a file nor a folder; it is not packed", file.display());
            continue;
        }
        if visit(&file, &path, is_folder)? && is_folder {
            below(&file, &format!("{path}/"), above, visit)?;
        }
    }
    above.pop();
    Ok(())
}
