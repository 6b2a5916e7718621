//! The processes that a worker starts: they end with it.

use std::process::Stdio;
use tokio::process::{Child, Command};

/// Ends the process group of a worker when this is dropped, or when the host ends, however that happens.
///
/// A shell of the group waits for the end of its standard input, which this process alone holds open, and then kills the
/// group. That needs neither a host that can still act, as after SIGKILL, nor a worker whose event loop turns.
pub struct Group(Child);

impl Group {
    /// Watches over the group of a process that leads one.
    ///
    /// # Errors
    /// The system's, if the shell cannot be started.
    #[cfg(unix)]
    pub fn watch(leader: u32) -> std::io::Result<Self> {
        // What the app sends to its own group must not end the shell before the others.
        const SCRIPT: &str = "trap '' HUP INT TERM; read -r _; kill -KILL 0";
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        shell.process_group(leader.cast_signed()).spawn().map(Self)
    }

    /// Ends the group, and waits until it has ended.
    pub async fn end(mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait().await);
    }
}
