//! Ends programs together with the processes that they have started.

use std::process::{Child, Command};

/// How long the processes may take to end if this process was killed. `SCRIPT` has the same number.
pub const GRACE: std::time::Duration = std::time::Duration::from_secs(10);

/// A process group that ends when this is dropped, or when this process ends for any reason, SIGKILL included.
///
/// A shell leads the group. It reads its standard input, which only this process holds open, and ends the group when
/// the input ends. On Windows there is no group, and only the programs themselves can be ended.
pub struct ProcessGroup {
    shell: Option<Child>,
}

/// A line asks for SIGTERM, and the end of the input for SIGKILL. If no line came before the end, this process was
/// killed, and the programs get the time to write their data.
///
/// On Linux, the shell also kills the processes that have left the group, but whose environment has the text `$1`.
/// More of them may start meanwhile, so it looks again until there are none.
#[cfg(unix)]
const SCRIPT: &str = r#"trap '' HUP INT TERM
if read -r _; then kill -TERM 0; read -r _; else kill -TERM 0; sleep 10; fi
n=0
while [ "$1" ] && [ $n -lt 30 ]; do
    found=$(grep -lsF "$1" /proc/[0-9]*/environ)
    [ "$found" ] || break
    for file in $found; do file=${file#/proc/}; kill -KILL "${file%/environ}"; done
    n=$((n + 1)); sleep 0.1
done
kill -KILL 0"#;

impl ProcessGroup {
    /// Makes a group. With `mark`, the setting `NAME=VALUE` of an environment variable, processes that have left the
    /// group end too if their environment has it.
    pub fn new(mark: Option<&str>) -> Self {
        Self { shell: start_shell(mark) }
    }

    /// Lets a command start its program in the group. Ctrl-C in a terminal then reaches this process, but not the
    /// program.
    #[cfg_attr(not(unix), expect(unused_variables, reason = "there is no group"))]
    pub fn adopt(&self, command: &mut Command) {
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            command.process_group(self.shell.as_ref().map_or(0, |shell| shell.id().cast_signed()));
        }
    }

    /// Sends SIGTERM to the processes of the group.
    pub fn terminate(&mut self) {
        use std::io::Write;
        if let Some(input) = self.shell.as_mut().and_then(|shell| shell.stdin.as_mut()) {
            // Without a shell, nothing is left to end.
            drop(input.write_all(b"\n"));
        }
    }

    /// Kills the processes, and waits until the shell has done so.
    pub fn end(mut self) {
        self.terminate();
        if let Some(mut shell) = self.shell.take() {
            drop(shell.wait());
        }
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.terminate();
        if let Some(mut shell) = self.shell.take() {
            drop(shell.stdin.take());
            // The system keeps an entry for a process until somebody waits for it.
            std::thread::spawn(move || shell.wait());
        }
    }
}

#[cfg(unix)]
fn start_shell(mark: Option<&str>) -> Option<Child> {
    use std::os::unix::process::CommandExt;
    use std::process::Stdio;
    let mut shell = Command::new("sh");
    shell.args(["-c", SCRIPT, "sh", mark.unwrap_or_default()]).process_group(0);
    let shell = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let tell = |error| {
        crate::console::error(&format!("programs may outlive this command, because `sh` cannot be run: {error}"));
    };
    shell.map_err(tell).ok()
}

#[cfg(not(unix))]
fn start_shell(_: Option<&str>) -> Option<Child> {
    None
}
