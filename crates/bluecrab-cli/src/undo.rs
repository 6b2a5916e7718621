//! Restores the files of an app if a command that changes them fails.

use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The files that package managers and `bluecrab add` write into an app's folder.
const WRITTEN: [&str; 15] = [
    ".funcignore",
    ".gitignore",
    ".pnp.cjs",
    ".pnp.loader.mjs",
    ".yarn",
    "bun.lock",
    "bun.lockb",
    "node_modules",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "package.json",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "vendor",
    "yarn.lock",
];

/// The files of an app before the change.
pub struct Before {
    files: Vec<(PathBuf, Vec<u8>)>,
    missing: Vec<PathBuf>,
    vendor: PathBuf,
    vendored: Vec<PathBuf>,
}

impl Before {
    /// Saves the files of an app. The folder `new` does not exist yet.
    pub fn of(app: &Path, new: Option<PathBuf>) -> Result<Self> {
        let (mut files, mut missing) = (Vec::new(), Vec::from_iter(new));
        for path in WRITTEN.iter().map(|name| app.join(name)) {
            if path.is_file() {
                let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                files.push((path, bytes));
            } else if path.symlink_metadata().is_err() {
                missing.push(path);
            }
        }
        let vendor = app.join("vendor");
        Ok(Self { files, missing, vendored: entries(&vendor), vendor })
    }

    /// Restores the files as far as possible. Errors are ignored, because the first error is the one to report.
    pub fn restore(self) {
        let vendored = entries(&self.vendor).into_iter().filter(|path| !self.vendored.contains(path));
        for path in vendored.chain(self.missing) {
            drop(if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) });
        }
        for (path, bytes) in self.files {
            if fs::read(&path).ok().as_ref() != Some(&bytes) {
                drop(fs::write(path, bytes));
            }
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}
