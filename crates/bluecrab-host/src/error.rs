//! The reasons why a host cannot start, each with a remedy.

use std::path::{Path, PathBuf};

/// The reason why a host cannot start or continue.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The folder does not exist, or is a file.
    #[error("{} {what}: give the folder of a function app, which contains host.json", folder.display())]
    NoFolder {
        /// The path that should be a folder.
        folder: PathBuf,
        /// What is wrong with the path.
        what: &'static str,
    },
    /// The folder is not a function app.
    #[error("{} is not a function app: it has no {missing}; {}", folder.display(), where_else(near.as_deref()))]
    NotAnApp {
        /// The folder that lacks the file.
        folder: PathBuf,
        /// The file that a function app must have.
        missing: &'static str,
        /// A function app above the folder, or directly below it.
        near: Option<PathBuf>,
    },
    /// A file of the app cannot be read or parsed.
    #[error("cannot read {}: {reason}", file.display())]
    Unreadable {
        /// The file that is wrong.
        file: PathBuf,
        /// What is wrong; for a syntax error with the line and column.
        reason: String,
    },
    /// A file of the app cannot be written.
    #[error("cannot write {}: {reason}", file.display())]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// The error of the operating system.
        reason: std::io::Error,
    },
    /// A setting has a value that is not allowed.
    #[error("{place} is \"{value}\": expected {expected}")]
    WrongSetting {
        /// The name of the setting, and the file that contains it.
        place: String,
        /// The value that is not allowed.
        value: String,
        /// The values that are allowed.
        expected: &'static str,
    },
    /// An option of the command makes no sense.
    #[error("{option}: {reason}")]
    WrongOption {
        /// The option.
        option: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Another program uses the port.
    #[error(
        "port {port} is in use: stop the program that uses it, or choose another port with --port (0 picks a free port)"
    )]
    PortInUse {
        /// The port that is in use.
        port: u16,
    },
    /// The host cannot listen on the address.
    #[error("cannot listen on {address}: {reason}; choose another address with --host and --port")]
    CannotListen {
        /// The address on which the host should listen.
        address: String,
        /// The error of the operating system.
        reason: std::io::Error,
    },
    /// Node.js cannot be run.
    #[error(
        "cannot run `{program}`: install Node.js 22 or 24 from https://nodejs.org, or give another program with --node"
    )]
    NodeMissing {
        /// The program that was tried.
        program: String,
    },
    /// The program does not print a version of Node.js.
    #[error(
        "`{program} --version` prints no version of Node.js, but: {said}; check NODE_OPTIONS, or give another program with --node"
    )]
    NodeFails {
        /// The program that was tried.
        program: String,
        /// What it printed instead.
        said: String,
    },
    /// Node.js is too old.
    #[error("Node.js {version} is too old: install version 22 or 24 from https://nodejs.org")]
    NodeTooOld {
        /// The version that is too old.
        version: String,
    },
    /// No worker can serve the app.
    #[error("{reason}")]
    AppFails {
        /// The error that the worker or its process reported.
        reason: String,
    },
    /// The worker's files are missing.
    #[error("the Node.js worker is missing: {} does not exist; {advice}", file.display())]
    WorkerMissing {
        /// What the developer can do.
        advice: &'static str,
        /// The path where the worker was expected.
        file: PathBuf,
    },
    /// The worker that the command contains cannot be written.
    #[error("cannot write the Node.js worker to {}: {error}; set XDG_CACHE_HOME to a folder that you may write to (on Windows LOCALAPPDATA), or give a worker's folder with --worker-dir", file.display())]
    CannotWriteWorker {
        /// The worker's file.
        file: PathBuf,
        /// The system's error.
        error: std::io::Error,
    },
}

impl HostError {
    /// Returns whether a change of the app cannot fix the error.
    pub fn is_final(&self) -> bool {
        use HostError::{
            CannotListen, CannotWriteWorker, NodeFails, NodeMissing, NodeTooOld, PortInUse, WorkerMissing, WrongOption,
        };
        matches!(
            self,
            PortInUse { .. }
                | CannotListen { .. }
                | CannotWriteWorker { .. }
                | WrongOption { .. }
                | NodeMissing { .. }
                | NodeFails { .. }
                | NodeTooOld { .. }
                | WorkerMissing { .. }
        )
    }
}

/// Says where to run a command that needs a function app.
fn where_else(app: Option<&Path>) -> String {
    app.map_or_else(
        || "`bluecrab new NAME` creates one".to_owned(),
        |app| format!("{} is one, so run the command there", app.display()),
    )
}
