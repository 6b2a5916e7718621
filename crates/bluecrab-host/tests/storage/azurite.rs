//! The emulator Azurite, for one test or for all.

#![allow(dead_code, reason = "each test uses a part of it")]

use bluecrab_host::storage::{Account, Storage};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::LazyLock;
use tempfile::TempDir;

#[path = "../common/free_port.rs"]
mod free_port;
pub use free_port::free_port;

const PROGRAM: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../apps/azurite/node_modules/azurite/dist/src/azurite.js");
/// Kills the process group when the test process has ended for any reason and so closes its end of the pipe.
const SCRIPT: &str = "trap '' USR2; \"$@\" & read -r _; kill -KILL 0";
const CLOCK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../bluecrab-host/tests/storage/clock.cjs");
const SERVICES: [&str; 3] = ["Blob", "Queue", "Table"];

/// A running Azurite on ports of its own. It ends with the test process.
pub struct Azurite {
    shell: Child,
    stdin: Option<ChildStdin>,
    ports: [u16; 3],
    folder: Option<TempDir>,
}

impl Azurite {
    /// Returns the instance that most tests share, with names of their own. It keeps its data in memory.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Azurite> = LazyLock::new(|| Azurite::spawn(None, [0; 3]));
        &SHARED
    }

    /// Starts an instance for one test, which keeps its data in a folder. The ports are free again when it restarts.
    pub fn start() -> Self {
        Self::spawn(Some(tempfile::tempdir().unwrap()), [(); 3].map(|()| free_port()))
    }

    fn spawn(folder: Option<TempDir>, ports: [u16; 3]) -> Self {
        assert!(Path::new(PROGRAM).is_file(), "{PROGRAM} is missing: run `npm ci --prefix apps/azurite`");
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "sh", "node", "--require", CLOCK, PROGRAM]);
        shell.args(["--skipApiVersionCheck", "--silent", "--disableTelemetry"]);
        for (service, port) in SERVICES.iter().zip(ports) {
            let service = service.to_lowercase();
            shell.args([
                format!("--{service}Host"),
                "127.0.0.1".to_owned(),
                format!("--{service}Port"),
                port.to_string(),
            ]);
        }
        match &folder {
            Some(folder) => shell.arg("--location").arg(folder.path()),
            None => shell.arg("--inMemoryPersistence"),
        };
        shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut shell = shell.spawn().unwrap();
        let mut ports = [0; 3];
        let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines().map_while(Result::ok);
        while ports.contains(&0) {
            let line = lines.next().expect("Azurite opens its ports");
            let Some((service, address)) = line.split_once(" service is successfully listening at http://127.0.0.1:")
            else {
                continue;
            };
            let index = SERVICES.iter().position(|name| service.ends_with(name)).unwrap();
            ports[index] = address.trim().parse().unwrap();
        }
        // Azurite must not find the pipe closed or full.
        std::thread::spawn(move || lines.for_each(drop));
        Self { stdin: shell.stdin.take(), shell, ports, folder }
    }

    /// Kills Azurite as a power cut does.
    pub fn kill(&mut self) {
        drop(self.stdin.take());
        self.shell.wait().unwrap();
    }

    /// Kills Azurite and starts it again with its data and on its ports.
    pub fn restart(&mut self) {
        self.kill();
        *self = Self::spawn(self.folder.take(), self.ports);
    }

    /// Sets Azurite's clock ahead, so that all leases end.
    pub fn end_leases(&self) {
        killpg(Pid::from_raw(self.shell.id().cast_signed()), Signal::SIGUSR2).unwrap();
    }

    /// Returns the connection string.
    pub fn connection(&self) -> String {
        let [blob, queue, table] = self.ports;
        format!(
            "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;\
             AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;\
             BlobEndpoint=http://127.0.0.1:{blob}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{queue}/devstoreaccount1;\
             TableEndpoint=http://127.0.0.1:{table}/devstoreaccount1;"
        )
    }

    /// Returns a client of the account.
    pub fn storage(&self) -> Storage {
        Storage::new(Account::parse(&self.connection()).unwrap()).unwrap()
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        self.kill();
    }
}
