//! Starts the worker process as the platform does.

use super::bundled;
use super::debugger::Debugger;
use super::http_connection::NODE_HEADER_BYTES;
use crate::app::App;
use crate::console;
use crate::error::HostError;
use crate::process_group::ProcessGroup;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

const OLDEST_NODE: u32 = 20;
/// What to do about a wrong folder that the developer has named.
const OTHER_WORKER: &str = "give the folder of a built worker with --worker-dir or BLUECRAB_WORKER_DIR, or leave out \
     both: `bluecrab` then uses its own worker";
/// What to do in a checkout, because a release contains its worker.
const BUILD_WORKER: &str = "build it with `cargo xtask build`, or give its folder with --worker-dir";
/// The variable by which the processes that a worker has started are known.
const MARK: &str = "BLUECRAB_WORKER_ID";
/// A line of the worker's output that is longer is printed in pieces of this length.
const LONGEST_LINE: usize = 64 << 10;
/// Keeps Ctrl-C away from a process and those that it starts (`CREATE_NEW_PROCESS_GROUP` in winbase.h).
#[cfg(windows)]
const NEW_GROUP: u32 = 0x200;
const WORKER_FILE: &str = "dist/src/nodejsWorker.js";

/// The Node.js program and the worker's folder.
#[derive(Debug, Clone)]
pub struct WorkerCommand {
    node: String,
    folder: PathBuf,
    version: String,
}

impl WorkerCommand {
    /// Finds Node.js and the worker.
    ///
    /// The worker's folder is the first of these: the argument `folder`; the environment variable
    /// `BLUECRAB_WORKER_DIR`; the package `bluecrab-worker` in `node_modules` of the app or of a folder above it; the
    /// worker that a release contains, or else the one that this repository builds.
    ///
    /// # Errors
    /// Returns an error if Node.js is missing or too old, or if the worker is not built or cannot be written.
    pub async fn find(node: Option<String>, folder: Option<PathBuf>, app: &App) -> Result<Self, HostError> {
        let node = node.unwrap_or_else(|| "node".to_owned());
        let version = node_version(&node).await?;
        let given = folder.or_else(|| std::env::var_os("BLUECRAB_WORKER_DIR").map(PathBuf::from));
        let advice = if given.is_some() { OTHER_WORKER } else { BUILD_WORKER };
        let folder = given.map_or_else(|| worker_folder(&app.root), Ok)?;
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        let file = folder.join(WORKER_FILE);
        if !file.is_file() {
            return Err(HostError::WorkerMissing { advice, file });
        }
        Ok(Self { node, folder, version })
    }

    /// Returns the worker's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts a worker that will connect to a port. The host prints its output.
    ///
    /// # Errors
    /// Returns the system's error if the process cannot be started.
    pub fn start(&self, app: &App, worker_id: &str, port: u16) -> std::io::Result<WorkerProcess> {
        let (request_id, uri) = (uuid::Uuid::new_v4().to_string(), format!("http://127.0.0.1:{port}/"));
        let (port, length) = (port.to_string(), super::outgoing::MAX_MESSAGE_BYTES.to_string());
        let mut command = Command::new(&self.node);
        command.arg(format!("--max-http-header-size={NODE_HEADER_BYTES}"));
        command.args(&app.node_arguments).arg(self.folder.join(WORKER_FILE));
        command.args(["--host", "127.0.0.1", "--port", &port, "--workerId", worker_id, "--requestId", &request_id]);
        command.args(["--grpcMaxMessageLength", &length, "--functions-uri", &uri, "--functions-worker-id", worker_id]);
        command.args(["--functions-request-id", &request_id, "--functions-grpc-max-message-length", &length]);
        command
            .current_dir(&app.root)
            .env("FUNCTIONS_WORKER_RUNTIME", "node")
            .env("FUNCTIONS_WORKER_DIRECTORY", &self.folder)
            .env("FUNCTIONS_APPLICATION_DIRECTORY", &app.root)
            .env("FUNCTIONS_WORKER_RUNTIME_VERSION", &self.version)
            .env("AzureWebJobsScriptRoot", &app.root)
            .env("WEBSITE_HOSTNAME", "localhost")
            .env("AZURE_FUNCTIONS_ENVIRONMENT", "Development")
            .envs(&app.settings)
            .env(MARK, worker_id)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // Ctrl-C in a terminal signals the whole process group, but the host decides when its worker ends.
        let group = ProcessGroup::new(Some(&format!("{MARK}={worker_id}")));
        group.adopt(command.as_std_mut());
        #[cfg(windows)]
        command.creation_flags(NEW_GROUP);
        let mut child = command.spawn()?;
        let debugger = Arc::<Debugger>::default();
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(print_lines(stdout, None));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(print_lines(stderr, Some(Arc::clone(&debugger))));
        }
        Ok(WorkerProcess { child, group, debugger })
    }
}

/// A worker process. Dropping it kills the process and the processes that it has started.
pub struct WorkerProcess {
    child: Child,
    group: ProcessGroup,
    debugger: Arc<Debugger>,
}

impl WorkerProcess {
    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Returns what is known about debuggers of the process.
    pub fn debugger(&self) -> &Arc<Debugger> {
        &self.debugger
    }

    /// Waits until the process has ended. Processes that it has started may still run.
    pub async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Kills the process and the processes that it has started, and waits until they have ended.
    pub async fn kill(mut self) {
        #[cfg(windows)]
        if let Some(id) = self.child.id() {
            let mut kill = Command::new("taskkill");
            drop(kill.args(["/T", "/F", "/PID", &id.to_string()]).output().await);
        }
        drop(self.child.kill().await);
        drop(tokio::task::spawn_blocking(|| self.group.end()).await);
    }
}

async fn node_version(node: &str) -> Result<String, HostError> {
    let program = || node.to_owned();
    let output = Command::new(node).arg("--version").kill_on_drop(true).output().await;
    let output = output.map_err(|_| HostError::NodeMissing { program: program() })?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let major = version.strip_prefix('v').and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    match major {
        None => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().chain(version.lines()).find(|line| !line.trim().is_empty());
            Err(HostError::NodeFails { program: program(), said: said.unwrap_or("nothing").to_owned() })
        }
        Some(major) if major < OLDEST_NODE => Err(HostError::NodeTooOld { version }),
        Some(major) => Ok(major.to_string()),
    }
}

fn worker_folder(app: &Path) -> Result<PathBuf, HostError> {
    let installed = app.ancestors().map(|folder| folder.join("node_modules/bluecrab-worker"));
    let mut built = installed.filter(|folder| folder.join(WORKER_FILE).is_file());
    built.next().map_or_else(|| bundled::folder(WORKER_FILE), Ok)
}

/// Prints the lines of a stream. `debugger` is given for standard error, on which Node.js reports debuggers.
async fn print_lines(stream: impl AsyncRead + Unpin, debugger: Option<Arc<Debugger>>) {
    let print = |line: &str| {
        if let Some(debugger) = &debugger {
            debugger.read(line);
        }
        console::worker_line(line, debugger.is_some());
    };
    each_line(stream, print).await;
}

/// Reads the lines of a stream. A line that is too long comes in pieces, so that it does not fill the memory.
async fn each_line(stream: impl AsyncRead + Unpin, mut take: impl FnMut(&str)) {
    let (mut stream, mut line) = (BufReader::new(stream), Vec::new());
    let free = |line: &Vec<u8>| (LONGEST_LINE - line.len()) as u64;
    while let Ok(1..) = (&mut stream).take(free(&line)).read_until(b'\n', &mut line).await {
        let is_cut = line.len() == LONGEST_LINE && !line.ends_with(b"\n");
        // If the cut is inside a character, the character belongs to the next piece.
        let begun = line.utf8_chunks().last().filter(|_| is_cut).map_or(0, |chunk| chunk.invalid().len());
        let next = line.split_off(line.len() - begun);
        let text = String::from_utf8_lossy(&line);
        take(if is_cut { &text } else { text.trim_end() });
        line = next;
    }
    if !line.is_empty() {
        take(&String::from_utf8_lossy(&line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(text: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        each_line(text, |line| lines.push(line.to_owned())).await;
        lines
    }

    #[tokio::test]
    async fn reads_lines_with_any_end() {
        assert_eq!(lines(b"one\r\n\n  two \nthree").await, ["one", "", "  two", "three"]);
        assert_eq!(lines(b"a\xffb\n\xe2\x82").await, ["a\u{fffd}b", "\u{fffd}"]);
    }

    #[tokio::test]
    async fn a_long_line_comes_in_pieces_and_loses_nothing() {
        // The limit is not a multiple of three, so the pieces would end inside the characters.
        let long = "a ".to_owned() + &"\u{20ac}".repeat(LONGEST_LINE) + " z";
        let pieces = lines(format!("{long}\nnext").as_bytes()).await;
        assert_eq!(pieces.len(), 5);
        assert!(pieces.iter().all(|piece| piece.len() <= LONGEST_LINE));
        assert_eq!((pieces[..4].concat(), pieces[4].as_str()), (long, "next"));
        let spaces = " ".repeat(LONGEST_LINE);
        assert_eq!(lines(format!("{spaces}a\n").as_bytes()).await, [&spaces, "a"]);
        let begun = "a".repeat(LONGEST_LINE - 1) + "\u{20ac}";
        assert_eq!(lines(&begun.as_bytes()[..LONGEST_LINE]).await.concat(), "a".repeat(LONGEST_LINE - 1) + "\u{fffd}");
    }
}
