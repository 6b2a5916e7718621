//! Over HTTP, through the local host: latency, what a fresh worker costs, and the host's own share.

mod calls;
mod direct;
mod echo;
mod fresh_workers;
mod turns;

use super::measured::Measured;
use anyhow::Result;
use std::path::PathBuf;

/// What is needed to measure.
#[derive(Debug, Clone)]
pub struct Files {
    /// The `bluecrab` command.
    pub bluecrab: PathBuf,
    /// The folder of the Node.js worker.
    pub worker: PathBuf,
    /// The flagship app, built.
    pub app: PathBuf,
    /// The app that only moves bytes, built.
    pub echo: PathBuf,
    /// The same over bare node:http, a program for Node.js.
    pub bare: PathBuf,
}

/// Measures one after another, each with its contenders in turn.
pub async fn measure(files: &Files, quick: bool) -> Result<Measured> {
    let mut http = Measured::new("over HTTP, concurrency 1");
    calls::measure(files, quick, &mut http).await?;
    echo::measure(files, quick, &mut http).await?;
    fresh_workers::measure(files, quick, &mut http).await?;
    Ok(http)
}
