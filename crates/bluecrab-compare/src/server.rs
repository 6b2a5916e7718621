//! Where functions are called: a host of our own in a process apart, or an app that runs elsewhere.

use crate::process::Process;
use crate::scenario::App;
use anyhow::{Context, Result, bail};
use std::collections::VecDeque;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

/// A server of one function.
pub struct Server {
    /// Its address, without a slash at its end.
    pub url: String,
    /// The process that runs the functions, where it is ours.
    pub worker: Option<Process>,
    host: Option<Child>,
    log: Log,
}

const START_LIMIT: Duration = Duration::from_secs(60);
/// A worker that does not end within this time is left to itself.
const END_LIMIT: Duration = Duration::from_secs(5);

impl Server {
    /// Starts `bluecrab dev FOLDER` on a free port and waits until it is ready, or takes the URL as it is.
    pub async fn start(bluecrab: &Path, app: &App) -> Result<Self> {
        match app {
            App::Url(url) => Ok(Self { url: url.clone(), worker: None, host: None, log: Log::default() }),
            App::Folder(folder) => {
                let mut server = Self::host(bluecrab, folder, &[]).await?;
                server.find_worker().await?;
                Ok(server)
            }
        }
    }

    /// Starts our host with settings of its own; asks it for nothing.
    pub async fn host(bluecrab: &Path, folder: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        let mut command = Command::new(bluecrab);
        // Built before, so that a cold start is none of the compiler's.
        command
            .arg("dev")
            .arg(folder)
            .args(["--no-build", "--port", "0"])
            .envs(settings.iter().copied())
            .kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut host = command.spawn().with_context(|| format!("cannot start {}", bluecrab.display()))?;
        let log = Log::default();
        let (ready, mut announced) = tokio::sync::mpsc::channel(1);
        log.follow(host.stdout.take().context("the host has no standard output")?, Some(ready));
        log.follow(host.stderr.take().context("the host has no standard error")?, None);
        let waiting = tokio::time::timeout(START_LIMIT, announced.recv()).await;
        let Ok(Some(url)) = waiting else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            bail!("the host of {} does not become ready; its last lines:\n{}", folder.display(), log.last());
        };
        Ok(Self { url, worker: None, host: Some(host), log })
    }

    /// Asks our host for its worker.
    pub async fn find_worker(&mut self) -> Result<()> {
        let address = format!("{}/admin/host/status", self.url);
        let answer = crate::client::Call::new(None, &address, [], None, START_LIMIT)?.send().await?;
        let status: serde_json::Value = serde_json::from_slice(&answer.body)?;
        let id = status["workerProcessId"].as_u64().and_then(|id| u32::try_from(id).ok());
        let id = id.with_context(|| format!("the host at {} does not say which process is its worker", self.url))?;
        self.worker = Some(Process(id));
        Ok(())
    }

    /// The last lines of our host, where there is one.
    pub fn last_lines(&self) -> Option<String> {
        self.host.as_ref().map(|_| self.log.last()).filter(|lines| !lines.is_empty())
    }

    /// Ends our host, and waits until its worker has ended with the stream between them.
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

    /// Keeps the last lines of a stream; the address in the line that says so goes to the channel.
    fn follow(
        &self,
        stream: impl AsyncRead + Unpin + Send + 'static,
        ready: Option<tokio::sync::mpsc::Sender<String>>,
    ) {
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

    fn last(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
    }
}
