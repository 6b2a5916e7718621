//! Azurite, the emulator of Azure Storage: finds it, installs it, starts it for an app, and ends it.

use crate::cache;
use crate::interrupts;
use anyhow::{Context, Result, bail};
use bluecrab_host::storage::EmulatorPorts;
use bluecrab_host::{GRACE, ProcessGroup};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// The program in a package of Azurite that starts all three services.
const PROGRAM: &str = "node_modules/azurite/dist/src/azurite.js";
/// The Azurite that is installed if the app does not have it.
const AZURITE: cache::Program = cache::Program {
    part: "storage",
    title: "the emulator Azurite 3.37.0",
    folder: "azurite-3.37.0",
    size: "360 MB",
    file: PROGRAM,
    package: r#"{ "private": true, "dependencies": { "azurite": "3.37.0" } }"#,
    lock: None,
};
/// How long Azurite may take to start.
const START_LIMIT: Duration = Duration::from_secs(60);
/// The pause before an Azurite that has ended is started again.
const RESTART_PAUSE: Duration = Duration::from_secs(1);
/// How often to check whether Azurite has started.
const LOOK: Duration = Duration::from_millis(50);

/// Starts Azurite when a host needs it, and again if it ends. Dropping it kills Azurite.
pub struct Emulator {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Emulator {
    /// Waits until `needed` returns the ports, starts Azurite there, and then sends `true` to `ready`. If Azurite
    /// cannot be started, it prints why and sends `true` too, so that the host says what does not work.
    pub fn start_when_needed(
        needed: impl Future<Output = EmulatorPorts> + Send + 'static,
        app: PathBuf,
        node: String,
        ready: watch::Sender<bool>,
    ) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let ports = tokio::select! {
                ports = needed => ports,
                _ = &mut stopped => return,
            };
            loop {
                let started = tokio::select! {
                    started = Azurite::start(&app, &node, ports) => started,
                    _ = &mut stopped => return,
                };
                ready.send_replace(true);
                let mut azurite = match started {
                    Ok(Some(azurite)) => azurite,
                    Ok(None) => return,
                    Err(error) => return bluecrab_host::failure(&format!("{error:#}")),
                };
                tokio::select! {
                    _ = azurite.process.wait() => {}
                    _ = &mut stopped => return azurite.stop().await,
                }
                // On Windows, Ctrl-C ends Azurite too.
                tokio::select! {
                    () = tokio::time::sleep(RESTART_PAUSE) => {}
                    _ = &mut stopped => return,
                }
                bluecrab_host::step("storage", "Azurite has ended; starting it again");
            }
        });
        Self { stop, task }
    }

    /// Ends Azurite, if it was started.
    pub async fn stop(self) {
        self.stop.send(()).ok();
        drop(self.task.await);
    }
}

/// A running Azurite. Dropping it kills it.
struct Azurite {
    process: Child,
    group: ProcessGroup,
}

impl Azurite {
    /// Starts Azurite for an app on these ports, and installs it first if necessary. Returns `None` if another one is
    /// running there.
    async fn start(app: &Path, node: &str, ports: EmulatorPorts) -> Result<Option<Self>> {
        if answers(ports.blob).await || answers(ports.queue).await || answers(ports.table).await {
            let EmulatorPorts { blob, queue, table } = ports;
            let running = format!("the ports {blob} (blobs), {queue} (queues) and {table} (tables)");
            bluecrab_host::step("storage", &format!("using the emulator that runs on {running}"));
            return Ok(None);
        }
        let program = find(app).await?;
        let data = data_folder(app)?;
        let mut azurite = Self::spawn(&program, node, &data, ports)?;
        azurite.wait_until_ready(ports).await?;
        let started = format!("started the emulator Azurite; its data is in {}", data.display());
        bluecrab_host::step("storage", &started);
        Ok(Some(azurite))
    }

    fn spawn(program: &Path, node: &str, data: &Path, ports: EmulatorPorts) -> Result<Self> {
        let mut command = Command::new(node);
        command.arg(program).arg("--location").arg(data);
        command.args(["--silent", "--skipApiVersionCheck", "--disableTelemetry"]);
        for (service, port) in [("blob", ports.blob), ("queue", ports.queue), ("table", ports.table)] {
            command.args([
                format!("--{service}Host"),
                "127.0.0.1".to_owned(),
                format!("--{service}Port"),
                port.to_string(),
            ]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        // Ctrl-C in a terminal signals the whole process group, but Azurite must outlive the last calls.
        let group = ProcessGroup::new(None);
        group.adopt(command.as_std_mut());
        let process = command.spawn().with_context(|| format!("cannot start Azurite with `{node}`"))?;
        Ok(Self { process, group })
    }

    async fn wait_until_ready(&mut self, ports: EmulatorPorts) -> Result<()> {
        let start = Instant::now();
        for port in [ports.blob, ports.queue, ports.table] {
            while !answers(port).await {
                if self.process.try_wait()?.is_some() {
                    let mut said = String::new();
                    if let Some(mut stderr) = self.process.stderr.take() {
                        drop(stderr.read_to_string(&mut said).await);
                    }
                    bail!(
                        "Azurite ended at its start: {}",
                        said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it printed no reason")
                    );
                }
                if start.elapsed() > START_LIMIT {
                    bail!("Azurite did not open port {port} within {} s", START_LIMIT.as_secs());
                }
                tokio::time::sleep(LOOK).await;
            }
        }
        // Read what it prints from now on, or its writes would block.
        if let Some(mut stderr) = self.process.stderr.take() {
            tokio::spawn(async move { drop(tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await) });
        }
        Ok(())
    }

    /// Lets Azurite write its data, and ends it.
    async fn stop(mut self) {
        if cfg!(unix) {
            self.group.terminate();
            drop(tokio::time::timeout(GRACE, self.process.wait()).await);
        }
        drop(self.process.kill().await);
        drop(tokio::task::spawn_blocking(|| self.group.end()).await);
    }
}

/// Returns whether a program listens on a port of this machine.
async fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).await.is_ok()
}

/// Returns whether an emulator runs on these ports.
pub fn runs(ports: EmulatorPorts) -> bool {
    [ports.blob, ports.queue, ports.table].iter().any(|port| std::net::TcpStream::connect(("127.0.0.1", *port)).is_ok())
}

/// Returns whether Azurite needs no installation.
pub fn is_installed(app: &Path) -> bool {
    own(app).is_some() || AZURITE.is_installed()
}

/// Returns Azurite's program in the packages of the app or of a folder above it.
fn own(app: &Path) -> Option<PathBuf> {
    app.ancestors().map(|folder| folder.join(PROGRAM)).find(|program| program.is_file())
}

/// Returns Azurite's program: the one in the app's packages, or else the one in the user's cache.
async fn find(app: &Path) -> Result<PathBuf> {
    if let Some(own) = own(app) {
        return Ok(own);
    }
    Ok(interrupts::aside(|| AZURITE.find())
        .await
        .context(
            "the functions that use storage do not run: install Azurite yourself (`npm install --global azurite`) and start \
             it with `azurite`, or hide this with --no-storage",
        )?
        .join(PROGRAM))
}

/// Returns the folder of an app's data, which git ignores.
fn data_folder(app: &Path) -> Result<PathBuf> {
    let folder = app.join(".azurite");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let ignored = folder.join(".gitignore");
    fs::write(&ignored, "*\n").with_context(|| format!("cannot write {}", ignored.display()))?;
    Ok(folder)
}
