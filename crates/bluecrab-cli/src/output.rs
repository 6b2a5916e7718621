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

#[cfg(test)]
mod tests {
    use super::*;

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
