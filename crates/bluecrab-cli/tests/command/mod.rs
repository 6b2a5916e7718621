//! The command as tests run it.

use std::path::Path;
use std::process::Command;

/// One target folder for all apps, so that the crates that they depend on are built once; no crate is downloaded.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bluecrab"));
    command.current_dir(folder).env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/new"));
    command.env("CARGO_NET_OFFLINE", "true").env_remove("RUSTFLAGS");
    command
}
