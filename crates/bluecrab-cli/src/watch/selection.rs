//! Selects the files in an app's folder that are watched.

use crate::app::App;
use crate::crates::Crates;
use anyhow::{Context, Result};
use ignore::overrides::{Override, OverrideBuilder};
use ignore::{DirEntry, WalkBuilder};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files that installing, building and running create, and files of storage emulators.
const MADE: [&str; 7] = [
    "Cargo.lock",
    "node_modules",
    "package-lock.json",
    "__blobstorage__",
    "__pycache__",
    "__queuestorage__",
    "__tablestorage__",
];
const MADE_STARTS: [&str; 1] = ["__azurite_db_"];
const MADE_ENDS: [&str; 3] = [".zip", ".log", ".jco"];
/// Files that belong to the app even if git ignores them.
const ALWAYS: [&str; 3] = ["host.json", "local.settings.json", "package.json"];

/// The watched files: those that no ignore file excludes, and those that the worker loads in any case.
pub struct Selection {
    folder: PathBuf,
    /// The file or folder that `main` in package.json names. Another tool often builds it, and git ignores it.
    entry: Option<PathBuf>,
    /// The patterns of files that the user excludes.
    overrides: Override,
    made: Arc<Made>,
}

/// Files that change without the developer's doing.
struct Made {
    targets: Vec<PathBuf>,
    modules: bool,
}

impl Selection {
    /// Selects the files of the app in a folder, except those that match a pattern. If `builds` is true, modules are
    /// excluded too.
    pub fn of(folder: &Path, builds: bool, patterns: &[String]) -> Result<Self> {
        let app = App::open(folder)?;
        let mut overrides = OverrideBuilder::new(folder);
        for pattern in patterns {
            overrides
                .add(&format!("!{pattern}"))
                .with_context(|| format!("--ignore {pattern} is not a valid pattern"))?;
        }
        // The build reports a Cargo.toml that cannot be read.
        let targets = Crates::of(&app).map(|crates| crates.target_folders);
        Ok(Self {
            folder: folder.to_owned(),
            entry: app.package.main.as_deref().and_then(entry_folder).map(|entry| folder.join(entry)),
            overrides: overrides.build().context("there are too many --ignore patterns")?,
            made: Arc::new(Made { targets: targets.unwrap_or_else(|_| vec![folder.join("target")]), modules: builds }),
        })
    }

    /// Returns the paths of the files that exist now. Files that cannot be read are skipped: an editor may be replacing
    /// them.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let ignoring = self.walk(WalkBuilder::new(&self.folder).require_git(false));
        let entry = self.entry.iter().flat_map(|entry| self.walk(WalkBuilder::new(entry).standard_filters(false)));
        let always = ALWAYS.iter().map(|name| self.folder.join(name));
        let modules = (!self.made.modules)
            .then(|| self.walk(WalkBuilder::new(&self.folder).standard_filters(false).max_depth(Some(1))));
        let modules = modules.into_iter().flatten().filter(|file| file.extension().is_some_and(|end| end == "wasm"));
        ignoring.chain(entry).chain(modules).chain(always)
    }

    fn walk(&self, builder: &mut WalkBuilder) -> impl Iterator<Item = PathBuf> + use<> {
        let made = Arc::clone(&self.made);
        builder.hidden(false).overrides(self.overrides.clone());
        builder.filter_entry(move |entry| entry.depth() == 0 || !made.has(entry));
        let files = builder.build().flatten().map(DirEntry::into_path);
        files.filter(|file| file.is_file())
    }
}

impl Made {
    fn has(&self, entry: &DirEntry) -> bool {
        let name = entry.file_name().to_string_lossy();
        MADE.contains(&&*name)
            || MADE_STARTS.iter().any(|start| name.starts_with(start))
            || MADE_ENDS.iter().any(|end| name.ends_with(end))
            || (self.modules && name.ends_with(".wasm"))
            || (name.starts_with('.') && name != ".cargo")
            || self.is_target(entry)
    }

    fn is_target(&self, entry: &DirEntry) -> bool {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        is_folder && dunce::canonicalize(entry.path()).is_ok_and(|folder| self.targets.contains(&folder))
    }
}

/// Returns the part of `main` without special characters: the folder of its files, or the file itself if it is next to
/// package.json. Returns `None` for a pattern in the app's own folder.
fn entry_folder(main: &str) -> Option<PathBuf> {
    let is_plain = |part: &&str| !part.contains(['*', '?', '[', ']', '{', '}', '(', ')', '!', '\\']);
    let parts: Vec<&str> = main.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let plain: Vec<&str> = parts.iter().copied().take_while(is_plain).collect();
    let names_a_file = plain.len() == parts.len() && plain.len() > 1 && Path::new(main).extension().is_some();
    let folder: PathBuf = plain[..plain.len() - usize::from(names_a_file)].iter().collect();
    (!folder.as_os_str().is_empty()).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_folder_of_the_entry_files() {
        for (main, expected) in [
            ("index.js", "index.js"),
            ("./index.js", "index.js"),
            ("dist", "dist"),
            ("dist/index.js", "dist"),
            ("dist/src/functions/*.js", "dist/src/functions"),
            ("dist/{index.js,functions/*.js}", "dist"),
            ("dist/**/*.js", "dist"),
        ] {
            assert_eq!(entry_folder(main).unwrap(), Path::new(expected), "{main}");
        }
        for main in ["*.js", "**/*.js", ".", ""] {
            assert_eq!(entry_folder(main), None, "{main}");
        }
    }
}
