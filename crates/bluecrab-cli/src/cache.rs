//! Programs from npm that the command installs once, in the user's folder for caches.

use crate::npm::{QUIETLY, npm};
use crate::tools;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A program from npm.
pub struct Program {
    /// The part of the command that needs it, for messages.
    pub part: &'static str,
    /// Its name in messages.
    pub title: &'static str,
    /// The name of its folder in the cache. It differs between versions.
    pub folder: &'static str,
    /// Its size on disk, for the message before the installation.
    pub size: &'static str,
    /// A file that exists if the program is installed, relative to its folder.
    pub file: &'static str,
    /// The package.json that depends on the program.
    pub package: &'static str,
    /// The lock file for `package`, if there is one.
    pub lock: Option<&'static str>,
}

impl Program {
    /// Returns whether the program needs no installation.
    pub fn is_installed(&self) -> bool {
        self.folder().is_ok_and(|folder| folder.join(self.file).is_file())
    }

    /// Returns the folder in which the program is installed, and installs it there if necessary.
    pub fn find(&self) -> Result<PathBuf> {
        let folder = self.folder()?;
        if !self.is_installed() {
            self.install(&folder)?;
        }
        Ok(folder)
    }

    fn folder(&self) -> Result<PathBuf> {
        let cache = bluecrab_host::cache_folder().context("cannot find the user's folder for caches: set HOME")?;
        Ok(cache.join(self.folder))
    }

    /// Installs the program in a folder. The folder appears when it is complete, so that two commands may do this at
    /// once.
    fn install(&self, folder: &Path) -> Result<()> {
        let Self { part, title, size, .. } = self;
        let parent = folder.parent().unwrap_or(folder);
        fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        bluecrab_host::step(part, &format!("installing {title} ({size}) once, in {} …", folder.display()));
        let start = Instant::now();
        let staging = tempfile::Builder::new().prefix(".installing-").tempdir_in(parent)?;
        let write = |file: &str, text: &str| {
            let file = staging.path().join(file);
            fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
        };
        write("package.json", self.package)?;
        let mut install = match self.lock {
            Some(lock) => {
                write("package-lock.json", lock)?;
                npm(&["ci"])
            }
            None => npm(&["install", "--no-package-lock"]),
        };
        install.args(QUIETLY).arg("--prefix").arg(staging.path()).current_dir(staging.path());
        tools::run_silently(&mut install).with_context(|| format!("npm could not install {title}"))?;
        let staging = staging.keep();
        if let Err(error) = fs::rename(&staging, folder) {
            drop(fs::remove_dir_all(&staging));
            // Another command may have been faster.
            if !folder.join(self.file).is_file() {
                return Err(error).with_context(|| format!("cannot create {}", folder.display()));
            }
        }
        bluecrab_host::step(part, &format!("installed {title} after {} s", start.elapsed().as_secs()));
        Ok(())
    }
}
