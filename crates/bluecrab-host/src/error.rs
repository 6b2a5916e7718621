//! Why a host cannot start, each with what to do about it.

use std::path::PathBuf;

/// Why the host cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// There is no such folder.
    #[error("{} {what}: name the folder of an app, the one with host.json", folder.display())]
    NoFolder {
        /// What should be the folder.
        folder: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The folder is no function app.
    #[error("{} is not a function app: it has no {missing}; `bluecrab new NAME` makes an app", folder.display())]
    NotAnApp {
        /// The folder.
        folder: PathBuf,
        /// The file that an app has.
        missing: &'static str,
    },
    /// A file of the app cannot be read.
    #[error("cannot read {}: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, with the line and column where it is its content.
        reason: String,
    },
    /// A setting has a value that it cannot have.
    #[error("{place} is \"{value}\": {expected} is expected")]
    WrongSetting {
        /// Which setting, and where it stands.
        place: String,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// The port is taken.
    #[error("port {port} is in use: end the program that uses it, or choose another with --port (0 takes a free one)")]
    PortInUse {
        /// The port.
        port: u16,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {reason}; choose another with --host and --port")]
    CannotListen {
        /// The address.
        address: String,
        /// The system's reason.
        reason: std::io::Error,
    },
    /// There is no Node.js.
    #[error("cannot run `{program}`: install Node.js 20 or newer from https://nodejs.org, or name it with --node")]
    NodeMissing {
        /// What was tried.
        program: String,
    },
    /// What should be Node.js does not say its version.
    #[error(
        "`{program} --version` does not answer with a version: {said}; mend that (NODE_OPTIONS?), or name another program with --node"
    )]
    NodeFails {
        /// What was tried.
        program: String,
        /// What it said instead.
        said: String,
    },
    /// Node.js is too old.
    #[error("Node.js {version} is too old: install version 20 or newer from https://nodejs.org")]
    NodeTooOld {
        /// The version found.
        version: String,
    },
    /// The app cannot be served as it is.
    #[error("{reason}")]
    AppFails {
        /// What the worker or its process says of it.
        reason: String,
    },
    /// There is no worker.
    #[error("the Node.js worker is missing: {} does not exist; build it with `cargo xtask build`, or name its folder with --worker-dir", file.display())]
    WorkerMissing {
        /// Where it should be.
        file: PathBuf,
    },
}

impl HostError {
    /// Whether no change of the app can mend it.
    pub fn is_final(&self) -> bool {
        use HostError::{CannotListen, NodeFails, NodeMissing, NodeTooOld, PortInUse, WorkerMissing};
        matches!(
            self,
            PortInUse { .. }
                | CannotListen { .. }
                | NodeMissing { .. }
                | NodeFails { .. }
                | NodeTooOld { .. }
                | WorkerMissing { .. }
        )
    }
}
