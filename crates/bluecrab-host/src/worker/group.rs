//! Ends a process together with the processes that it has started.

use std::process::Stdio;
use tokio::process::{Child, Command};

/// Kills a process group when this is dropped or when the host ends for any reason.
///
/// A shell in the group reads its standard input, which only the host holds open, and kills the group when the input
/// ends. This also works after the host was killed with SIGKILL, or while the event loop of the group's leader is
/// blocked.
pub struct Group(Child);

/// Ignores the signals that the app may send to its own group, because the shell must be the last to end.
const KILL: &str = "trap '' HUP INT TERM; read -r _; kill -KILL 0";
/// Gives the leader 10 s to write its data and end.
const TERMINATE: &str = "trap '' HUP INT TERM; read -r _; kill -TERM 0; n=0
while [ $n -lt 100 ] && kill -0 \"$1\" 2> /dev/null; do sleep 0.1; n=$((n + 1)); done; kill -KILL 0";

impl Group {
    /// Starts to watch the process group that `leader` leads.
    ///
    /// # Errors
    /// Returns the system's error if the shell cannot be started.
    pub fn watch(leader: u32) -> std::io::Result<Self> {
        Self::watch_with(KILL, leader)
    }

    /// Does the same, but sends SIGTERM first, so that the leader can write its data.
    ///
    /// # Errors
    /// Returns the system's error if the shell cannot be started.
    pub fn watch_gently(leader: u32) -> std::io::Result<Self> {
        Self::watch_with(TERMINATE, leader)
    }

    fn watch_with(script: &str, leader: u32) -> std::io::Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh", &leader.to_string()]);
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        shell.process_group(leader.cast_signed()).spawn().map(Self)
    }

    /// Kills the group. Waits until the shell that does this has ended.
    pub async fn end(mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait().await);
    }
}
