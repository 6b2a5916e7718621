//! Writes reproducible zip files. They contain the files' names, contents and execute bits in sorted order, but no
//! times and no owners.

use super::files::Files;
use crate::interrupts;
use anyhow::{Context, Result, ensure};
use rawzip::path::ZipFilePath;
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchiveWriter, crc32, time::UtcDateTime};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// The slowest and smallest level: a package is made rarely, but every instance of the app downloads it.
const LEVEL: u8 = 9;
const FILE: u32 = 0o100_644;
#[cfg(unix)]
const PROGRAM: u32 = 0o100_755;

/// Packs the files. Returns the archive and the total size of the files.
pub fn pack(files: &Files) -> Result<(Vec<u8>, u64)> {
    let earliest = UtcDateTime::from_components(1980, 1, 1, 0, 0, 0, 0).context("1980 is not a valid year")?;
    let mut archive = ZipArchiveWriter::new(Vec::new());
    let mut total = 0;
    for (path, file) in files {
        interrupts::check()?;
        ensure!(
            ZipFilePath::from_str(path).as_str() == path,
            "{path} has a name that no zip can hold: rename it without `\\` and `:`, or leave it out by a line in \
             .funcignore"
        );
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let permissions = permissions(file).with_context(|| format!("cannot read {}", file.display()))?;
        total += bytes.len() as u64;
        let deflated = miniz_oxide::deflate::compress_to_vec(&bytes, LEVEL);
        let (method, data) = if deflated.len() < bytes.len() {
            (CompressionMethod::DEFLATE, &deflated)
        } else {
            (CompressionMethod::STORE, &bytes)
        };
        let new = archive.new_file(path.as_str()).compression_method(method);
        let (mut entry, _) = new.last_modified(earliest).unix_permissions(permissions).start()?;
        entry.write_all(data)?;
        entry.finish(DataDescriptorOutput::new(crc32(&bytes), bytes.len() as u64))?;
    }
    Ok((archive.finish()?, total))
}

#[cfg(unix)]
fn permissions(file: &Path) -> io::Result<u32> {
    use std::os::unix::fs::PermissionsExt;
    Ok(if fs::metadata(file)?.permissions().mode() & 0o111 == 0 { FILE } else { PROGRAM })
}

#[cfg(not(unix))]
fn permissions(_: &Path) -> io::Result<u32> {
    Ok(FILE)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn keeps_only_the_execute_bit() {
        let folder = tempfile::tempdir().unwrap();
        let packed = |mode_of_text: u32, mode_of_program: u32| {
            let mut files = Files::new();
            for (name, mode) in [("text", mode_of_text), ("program", mode_of_program)] {
                let file = folder.path().join(name);
                fs::write(&file, name).unwrap();
                fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
                files.insert(name.to_owned(), file);
            }
            pack(&files).unwrap().0
        };
        let bytes = packed(0o600, 0o700);
        assert_eq!(bytes, packed(0o664, 0o775));
        let archive = rawzip::ZipArchive::from_slice(&bytes).unwrap();
        let modes: Vec<u32> = archive.entries().map(|entry| entry.unwrap().mode().value()).collect();
        assert_eq!(modes, [PROGRAM, FILE]);
    }
}
