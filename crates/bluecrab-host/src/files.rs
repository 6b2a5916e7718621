//! Replaces files that other processes may read or replace at the same time.

use std::fs;
use std::io::{Result, Write};
use std::path::Path;

/// Replaces a file. A reader finds the old or the new content, never a part of it.
///
/// # Errors
/// Returns the system's error if the file cannot be written. The old file is left unchanged then.
pub fn replace_file(file: &Path, content: &[u8]) -> Result<()> {
    replace(file, content, 0o666)
}

/// Replaces a file, as [`replace_file`] does, with a file that only this user can read.
///
/// # Errors
/// Returns the system's error if the file cannot be written. The old file is left unchanged then.
pub fn replace_private_file(file: &Path, content: &[u8]) -> Result<()> {
    replace(file, content, 0o600)
}

#[cfg_attr(not(unix), expect(unused_mut, unused_variables, reason = "other systems have no mode"))]
fn replace(file: &Path, content: &[u8], mode: u32) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // As for every new file, the umask takes permissions away from the mode.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    // If something fails, the temporary file is removed.
    let mut aside = builder.tempfile_in(folder)?;
    aside.write_all(content)?;
    // On Windows, `persist` fails while another process has the file open.
    let (_, aside) = aside.keep()?;
    fs::rename(&aside, file).inspect_err(|_| drop(fs::remove_file(&aside)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_at_once_leave_one_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::thread::scope(|scope| {
            for byte in b'a'..b'e' {
                let file = &file;
                scope.spawn(move || {
                    for _ in 0..25 {
                        replace_file(file, &[byte; 10_000]).unwrap();
                        let read = fs::read(file).unwrap();
                        assert!(read.len() == 10_000 && read.iter().all(|byte| *byte == read[0]));
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        replace_file(&taken, b"text").unwrap_err();
        replace_file(&folder.path().join("missing/file"), b"text").unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn the_permissions_are_those_of_a_new_file_or_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        fs::write(folder.path().join("usual"), "").unwrap();
        replace_file(&folder.path().join("replaced"), b"").unwrap();
        replace_private_file(&folder.path().join("private"), b"").unwrap();
        assert_eq!(mode("replaced"), mode("usual"));
        assert_eq!(mode("private") & 0o777, 0o600);
    }
}
