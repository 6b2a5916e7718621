//! Apps that `bluecrab new` has made, and the command that made them.

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// One target folder for all apps, so that the crates that they depend on are built once; no crate is downloaded.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bluecrab"));
    command.current_dir(folder).env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/new"));
    command.env("CARGO_NET_OFFLINE", "true").env_remove("RUSTFLAGS");
    command
}

/// What a command printed that succeeds.
pub fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = command(folder).args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "bluecrab {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// An app in a folder that lasts as long as the test.
pub fn new_app(name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    printed(folder.path(), &["new", name]);
    let app = folder.path().join(name);
    (folder, app)
}

/// What the function of such an app answers to `[1, 2, 3]`.
pub const STATISTICS: &str = r#"{"count":3,"mean":2.0,"deviation":0.816496580927726}"#;
