//! The file of the copy, next to the module's file.

use crate::meter;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Returns `NAME.metered.wasm` for `NAME.wasm`.
pub fn file_of(module: &Path) -> PathBuf {
    module.with_extension("metered.wasm")
}

/// Writes the metered copy of a module next to it. Returns the length of the copy, or why the module has none.
///
/// The copy is renamed into its place, so that no reader sees half of it, and an equal copy is left alone. If the
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
        let aside = file.with_extension("wasm.new");
        fs::write(&aside, &copy)?;
        fs::rename(&aside, &file)?;
    }
    Ok(Ok(copy.len() as u64))
}
