//! The pool of worker threads: what it leaves of the event loop, what a second thread brings, what a call on it costs.

mod event_loop;
mod latency;
mod stages;
mod throughput;

use super::measured::Measured;
use anyhow::Result;
use std::path::PathBuf;

/// What is needed to measure.
#[derive(Debug, Clone)]
pub struct Files {
    /// The `bluecrab` command.
    pub bluecrab: PathBuf,
    /// The flagship app, built.
    pub app: PathBuf,
}

/// The seed of all matrices.
const SEED: u64 = 2019;
/// The calls that are under way at once where the pool is to be busy.
const CONCURRENCY: usize = 8;

/// Measures one after another, each with its contenders in turn.
pub async fn measure(files: &Files, quick: bool) -> Result<Measured> {
    let mut pool = Measured::new("the pool of worker threads, over HTTP");
    event_loop::measure(files, quick, &mut pool).await?;
    throughput::measure(files, quick, &mut pool).await?;
    latency::measure(files, quick, &mut pool).await?;
    Ok(pool)
}
