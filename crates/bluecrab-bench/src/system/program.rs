//! Starts programs.

use std::ffi::OsStr;
use std::sync::OnceLock;
use tokio::process::Command;

type Prepare = fn(&mut std::process::Command);

static PREPARE: OnceLock<Prepare> = OnceLock::new();

/// Prepares the programs that a run starts from now on: they may have to end with the program that uses this crate.
pub fn prepare_programs(prepare: Prepare) {
    PREPARE.get_or_init(|| prepare);
}

/// Returns a command whose program is killed if nobody waits for it any more.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    if let Some(prepare) = PREPARE.get() {
        prepare(command.as_std_mut());
    }
    command.kill_on_drop(true);
    command
}
