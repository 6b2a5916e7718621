//! Reads and writes files in tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Writes a file in a folder, and creates the folders for it.
pub fn write(folder: &Path, file: &str, text: &str) {
    let file = folder.join(file);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// Writes an app without functions.
pub fn write_app(folder: &Path, package: &str) {
    write(folder, "host.json", r#"{ "version": "2.0" }"#);
    write(folder, "package.json", package);
    write(folder, "index.js", "");
}

/// Returns the text of a Cargo.toml.
pub fn manifest(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
}

/// Reads all files in a folder and its subfolders.
pub fn read_all(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            files.extend(read_all(&entry.path()).into_iter().map(|(path, bytes)| (format!("{name}/{path}"), bytes)));
            files.insert(format!("{name}/"), Vec::new());
        } else {
            files.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    files
}
