//! A host of our own for a measurement that needs a fresh worker.

use anyhow::{Context, Result, bail};
use bluecrab_compare::process::Process;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running host; it ends with the value.
pub struct Host {
    pub url: String,
    pub started: Instant,
    child: Child,
}

const START_LIMIT: Duration = Duration::from_secs(60);

impl Host {
    /// Starts `bluecrab dev APP` on a free port and waits until it is ready.
    pub async fn start(bluecrab: &Path, app: &Path) -> Result<Self> {
        Self::start_with(bluecrab, app, &[], Stdio::inherit()).await
    }

    /// The same with app settings, and with a place for what the host complains of.
    pub async fn start_with(bluecrab: &Path, app: &Path, settings: &[(&str, &str)], errors: Stdio) -> Result<Self> {
        let started = Instant::now();
        let mut child = Command::new(bluecrab)
            .arg("dev")
            .arg(app)
            .args(["--port", "0"])
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", bluecrab.display()))?;
        let stdout = child.stdout.take().context("the host has no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(rest) = line.strip_prefix("Ready on ") {
                    return Ok(rest.split(' ').next().unwrap_or_default().to_owned());
                }
            }
            bail!("the host ended before it was ready")
        };
        let url = tokio::time::timeout(START_LIMIT, ready).await.context("the host does not become ready")??;
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                // The host says this way why a worker has ended.
                if line.starts_with("[host]") {
                    eprintln!("{line}");
                }
            }
        });
        Ok(Self { url, started, child })
    }

    /// The process of the host, while it runs.
    pub fn process(&self) -> Result<Process> {
        self.child.id().map(Process).context("the host has ended")
    }

    /// Ends the host; its worker ends with the stream between them.
    pub async fn stop(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}
