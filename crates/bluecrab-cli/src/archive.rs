//! A zip that depends on nothing but its files' names and contents: no times, no owners, sorted.

use crate::files::Files;
use anyhow::{Context, Result};
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchiveWriter, crc32, time::UtcDateTime};
use std::fs;
use std::io::Write;

/// Slow and small: a package is made seldom and downloaded by every instance of the app.
const LEVEL: u8 = 9;
const PERMISSIONS: u32 = 0o100_644;

/// Packs the files; gives the archive and how many bytes the files have.
pub fn pack(files: &Files) -> Result<(Vec<u8>, u64)> {
    let earliest = UtcDateTime::from_components(1980, 1, 1, 0, 0, 0, 0).context("1980 is no year")?;
    let mut archive = ZipArchiveWriter::new(Vec::new());
    let mut total = 0;
    for (path, file) in files {
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        total += bytes.len() as u64;
        let deflated = miniz_oxide::deflate::compress_to_vec(&bytes, LEVEL);
        let (method, data) = if deflated.len() < bytes.len() {
            (CompressionMethod::DEFLATE, &deflated)
        } else {
            (CompressionMethod::STORE, &bytes)
        };
        let new = archive.new_file(path.as_str()).compression_method(method);
        let (mut entry, _) = new.last_modified(earliest).unix_permissions(PERMISSIONS).start()?;
        entry.write_all(data)?;
        entry.finish(DataDescriptorOutput::new(crc32(&bytes), bytes.len() as u64))?;
    }
    Ok((archive.finish()?, total))
}
