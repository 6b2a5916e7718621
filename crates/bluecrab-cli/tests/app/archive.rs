//! Reads zip files that `bluecrab package` has made.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Unpacks a zip file into a temporary folder, and returns its files.
pub fn unpack(archive: &Path) -> (TempDir, BTreeMap<String, Vec<u8>>) {
    let bytes = fs::read(archive).unwrap();
    let archive = rawzip::ZipArchive::from_slice(&bytes).unwrap();
    let (folder, mut files) = (tempfile::tempdir().unwrap(), BTreeMap::new());
    for entry in archive.entries() {
        let entry = entry.unwrap();
        let path = entry.file_path().try_normalize().unwrap().as_ref().to_owned();
        let data = archive.get_entry(entry.wayfinder()).unwrap();
        let content = match entry.compression_method() {
            rawzip::CompressionMethod::DEFLATE => miniz_oxide::inflate::decompress_to_vec(data.data()).unwrap(),
            _ => data.data().to_vec(),
        };
        let file = folder.path().join(&path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, &content).unwrap();
        files.insert(path, content);
    }
    (folder, files)
}
