//! Output files. A command checks that it can write a file before it starts its work.

use anyhow::{Context, Result, ensure};
use std::fs::{self, OpenOptions};
use std::path::Path;

/// Returns an error if a file cannot be written. Leaves an existing file unchanged.
pub fn check(file: &Path) -> Result<()> {
    ensure!(!file.is_dir(), "cannot write {}: it is a folder; give a file", file.display());
    let is_new = file.symlink_metadata().is_err();
    let opened = OpenOptions::new().create(true).append(true).open(file);
    opened
        .with_context(|| format!("cannot write {}: give a file in a folder to which you may write", file.display()))?;
    if is_new {
        drop(fs::remove_file(file));
    }
    Ok(())
}

/// Returns an error if a file cannot be replaced, as a pipe or a device cannot.
pub fn check_replaceable(file: &Path) -> Result<()> {
    let is_special = file.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir());
    ensure!(!is_special, "cannot write {}: it is a pipe or a device; give a file", file.display());
    check(file)
}

/// Replaces a file, which a reader always finds whole. A link still leads to its file.
pub fn replace(file: &Path, bytes: &[u8]) -> Result<()> {
    let replaced = dunce::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    bluecrab_host::replace_file(&replaced, bytes).with_context(|| format!("cannot replace {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_device_and_a_link_stay_what_they_are() {
        let wrong = check_replaceable(Path::new("/dev/null")).unwrap_err().to_string();
        assert_eq!(wrong, "cannot write /dev/null: it is a pipe or a device; give a file");
        let folder = tempfile::tempdir().unwrap();
        let [link, zip] = ["link", "a.zip"].map(|name| folder.path().join(name));
        fs::write(&zip, "old").unwrap();
        std::os::unix::fs::symlink(&zip, &link).unwrap();
        check_replaceable(&link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&zip).unwrap(), b"new");
    }

    #[test]
    fn the_check_changes_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let (kept, new) = (folder.path().join("kept"), folder.path().join("new"));
        fs::write(&kept, "kept").unwrap();
        check(&kept).unwrap();
        check(&new).unwrap();
        assert!(fs::read_to_string(&kept).unwrap() == "kept" && !new.exists());
        for wrong in [folder.path().to_owned(), folder.path().join("missing/new")] {
            let said = check(&wrong).unwrap_err().to_string();
            assert!(said.starts_with(&format!("cannot write {}: ", wrong.display())), "{said}");
        }
    }
}
