//! Ends the processes that a worker has started together with the worker.

use std::process::Stdio;
use tokio::process::{Child, Command};

/// Kills a worker's process group when this is dropped or when the host ends for any reason.
///
/// A shell in the group reads its standard input, which only the host holds open, and kills the group when the input
/// ends. This also works after the host was killed with SIGKILL, or while the worker's event loop is blocked.
pub struct Group(Child);

impl Group {
    /// Starts to watch the process group that `leader` leads.
    ///
    /// # Errors
    /// Returns the system's error if the shell cannot be started.
    #[cfg(unix)]
    pub fn watch(leader: u32) -> std::io::Result<Self> {
        // Ignore the signals that the app may send to its own group: the shell must be the last to end.
        const SCRIPT: &str = "trap '' HUP INT TERM; read -r _; kill -KILL 0";
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        shell.process_group(leader.cast_signed()).spawn().map(Self)
    }

    /// Kills the group and waits until the shell has ended.
    pub async fn end(mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait().await);
    }
}
