//! What a function costs a worker of its own: time to the first answer, and memory.

use crate::client::Client;
use crate::host::Host;
use crate::process::resident_bytes;
use anyhow::{Context, Result};
use bytes::Bytes;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// A worker that has only what it needs for one function.
pub struct FreshWorker {
    /// From the start of host and worker to the first answer.
    pub first_answer: Duration,
    /// The worker's resident memory after the calls, in bytes.
    pub memory: u64,
}

/// Starts the app with only these files of its `functions` folder, calls the function, and looks at the worker.
pub async fn measure(
    bluecrab: &Path,
    app: &Path,
    files: &[&str],
    function: &str,
    first: Option<&Bytes>,
    then: Option<(Option<&Bytes>, usize)>,
) -> Result<FreshWorker> {
    let folder = tempfile::tempdir()?;
    variant(app, folder.path(), files)?;
    let host = Host::start(bluecrab, folder.path()).await?;
    let client = Client::new(&host.url);
    client.call(function, first).await?;
    let first_answer = host.started.elapsed();
    if let Some((body, times)) = then {
        for _ in 0..times {
            client.call(function, body).await?;
        }
    }
    let memory = resident_bytes(client.worker_process().await?).await?;
    host.stop().await?;
    Ok(FreshWorker { first_answer, memory })
}

/// The app with some of its functions: the same files beside them, the same packages.
pub(crate) fn variant(app: &Path, folder: &Path, files: &[&str]) -> Result<()> {
    for entry in fs::read_dir(app).with_context(|| format!("cannot read {}", app.display()))? {
        let file = entry?.path();
        if let Some(name) = file.file_name().filter(|_| file.is_file()) {
            fs::copy(&file, folder.join(name)).with_context(|| format!("cannot copy {}", file.display()))?;
        }
    }
    fs::create_dir(folder.join("functions"))?;
    for file in files {
        let name = format!("functions/{file}.js");
        fs::copy(app.join(&name), folder.join(&name)).with_context(|| format!("the app has no {name}"))?;
    }
    link(&app.join("node_modules"), &folder.join("node_modules")).context("cannot link the app's node_modules")
}

#[cfg(unix)]
fn link(target: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn link(target: &Path, link: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(target, link)
}
