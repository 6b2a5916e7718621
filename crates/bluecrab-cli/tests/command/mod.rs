//! Runs the command in tests.

use std::path::Path;
use std::process::Command;

/// Returns the command. All apps share a target folder, so that dependencies are built once, and cargo works offline.
/// Crates with different code need different names: tests that run at once would take each other's module.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bluecrab"));
    command.current_dir(folder).env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/new"));
    command.env("CARGO_NET_OFFLINE", "true").env_remove("RUSTFLAGS");
    command
}
