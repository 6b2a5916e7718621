//! The file of the copy, next to the module's file.

use crate::meter;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Returns `NAME.metered.wasm` for `NAME.wasm`.
pub fn file_of(module: &Path) -> PathBuf {
    module.with_extension("metered.wasm")
}

/// Writes the metered copy of a module next to it. Returns the length of the copy, or why the module has none.
///
/// The copy is renamed into its place, so that no reader sees half of it, even if several processes write it. And an equal copy is left alone. If the
/// module has no copy, an old copy is removed.
///
/// # Errors
/// Returns an error if the module cannot be read or the copy cannot be written.
pub fn write(module: &Path) -> io::Result<Result<u64, crate::Error>> {
    let file = file_of(module);
    let copy = match meter(&fs::read(module)?) {
        Ok(copy) => copy,
        Err(error) => {
            if file.exists() {
                fs::remove_file(&file)?;
            }
            return Ok(Err(error));
        }
    };
    if !fs::read(&file).is_ok_and(|there| there == copy) {
        replace(&file, &copy)?;
    }
    Ok(Ok(copy.len() as u64))
}

#[cfg_attr(not(unix), expect(unused_mut, reason = "other systems have no mode"))]
fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // As for every new file, the umask takes permissions away from the mode.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // If something fails, the temporary file is removed.
    let mut aside = builder.tempfile_in(folder)?;
    aside.write_all(content)?;
    // On Windows, `persist` fails while another process has the file open.
    let (_, aside) = aside.keep()?;
    fs::rename(&aside, file).inspect_err(|_| drop(fs::remove_file(&aside)))
}
