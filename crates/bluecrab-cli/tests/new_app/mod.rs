//! Makes apps with `bluecrab new`.

use crate::command::command;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Runs a command that must succeed, and returns what it printed.
pub fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = command(folder).args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "bluecrab {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Makes an app in a temporary folder.
pub fn new_app(name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    printed(folder.path(), &["new", name]);
    let app = folder.path().join(name);
    (folder, app)
}

/// The response of such an app's function to `[1, 2, 3]`.
pub const STATISTICS: &str = r#"{"count":3,"mean":2,"deviation":0.816496580927726}"#;
