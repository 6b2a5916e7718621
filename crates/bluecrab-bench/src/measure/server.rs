//! One server of functions: a host that we start, or an app that runs already.

use super::client::Call;
use crate::scenario::{App, Place};
use crate::system::{Process, command, on_cores};
use anyhow::{Context, Result, bail};
use std::collections::VecDeque;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Child;
use tokio::sync::mpsc;

pub struct Server {
    /// The server's address, without a slash at its end.
    pub url: String,
    /// The process that runs the functions, if we started it.
    pub worker: Option<Process>,
    host: Option<Child>,
    log: Log,
}

const START_LIMIT: Duration = Duration::from_secs(60);
/// How long to wait for a worker's end. A worker that takes longer is left alone.
const END_LIMIT: Duration = Duration::from_secs(5);

impl Server {
    /// Starts `bluecrab dev FOLDER` on a free port and on this many cores, waits until it is ready, and asks it for its
    /// worker. An app at an address runs already.
    pub async fn start(bluecrab: &Path, app: &App, cores: Option<usize>) -> Result<Self> {
        let mut server = Self::start_only(bluecrab, app, cores).await?;
        server.find_worker().await?;
        Ok(server)
    }

    /// Does the same, but does not ask for the worker: that is not part of a cold start.
    pub async fn start_only(bluecrab: &Path, app: &App, cores: Option<usize>) -> Result<Self> {
        let folder = match &app.place {
            Place::Folder(folder) => folder,
            Place::Url(url) => return Ok(Self { url: url.clone(), worker: None, host: None, log: Log::default() }),
        };
        let mut command = command(bluecrab);
        command.arg("dev").arg(folder);
        // The app is built already; a compiler would be part of the cold start.
        command.args(["--no-build", "--port", "0"]);
        command.envs(&app.settings);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut host =
            on_cores(cores, || command.spawn())?.with_context(|| format!("cannot start {}", bluecrab.display()))?;
        let log = Log::default();
        let (ready, mut announced) = mpsc::channel(1);
        log.follow(host.stdout.take().context("the host has no standard output")?, Some(ready));
        log.follow(host.stderr.take().context("the host has no standard error")?, None);
        let Ok(Some(url)) = tokio::time::timeout(START_LIMIT, announced.recv()).await else {
            // The host's last lines may not have been read yet.
            tokio::time::sleep(Duration::from_millis(100)).await;
            bail!("the host of {} does not become ready; its last lines:\n{}", folder.display(), log.last_lines());
        };
        Ok(Self { url, worker: None, host: Some(host), log })
    }

    /// Asks our host for its worker.
    pub async fn find_worker(&mut self) -> Result<()> {
        if self.host.is_none() {
            return Ok(());
        }
        let answer = Call::get(&format!("{}/admin/host/status", self.url), START_LIMIT)?.send().await?;
        let status: serde_json::Value = serde_json::from_slice(&answer.body)?;
        let id = status["workerProcessId"].as_u64().and_then(|id| u32::try_from(id).ok());
        self.worker = Some(Process(id.with_context(|| format!("the host at {} names no worker process", self.url))?));
        Ok(())
    }

    /// Returns the host's process, if we started it.
    pub fn host(&self) -> Option<Process> {
        self.host.as_ref().and_then(Child::id).map(Process)
    }

    /// Returns the last lines that the host printed, if we started it.
    pub fn last_lines(&self) -> Option<String> {
        self.host.as_ref().map(|_| self.log.last_lines()).filter(|lines| !lines.is_empty())
    }

    /// Ends our host and waits until its worker has ended too.
    pub async fn stop(self) -> Result<()> {
        let Some(mut host) = self.host else { return Ok(()) };
        host.kill().await?;
        let killed = Instant::now();
        while self.worker.is_some_and(|worker| worker.resident_bytes().is_some()) && killed.elapsed() < END_LIMIT {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

/// The last lines of a program.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<VecDeque<String>>>);

impl Log {
    const LINES: usize = 20;

    /// Keeps the last lines of a stream, and sends the address from the line that announces it.
    fn follow(&self, stream: impl AsyncRead + Unpin + Send + 'static, ready: Option<mpsc::Sender<String>>) {
        let log = self.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if let (Some(ready), Some(rest)) = (&ready, line.strip_prefix("Ready on ")) {
                    drop(ready.send(rest.split(' ').next().unwrap_or_default().to_owned()).await);
                }
                let mut kept = log.0.lock().unwrap_or_else(PoisonError::into_inner);
                if kept.len() == Self::LINES {
                    kept.pop_front();
                }
                kept.push_back(line);
            }
        });
    }

    fn last_lines(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
    }
}
