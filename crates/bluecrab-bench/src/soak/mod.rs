//! Good, bad and failing requests for minutes: every answer is compared, and nothing may be left behind.

mod bad;
mod case;
mod good;
mod memory;
mod report;
mod traffic;

pub use report::Report;

use crate::client::Client;
use crate::host::Host;
use crate::process::{self, Held};
use anyhow::{Context, Result, ensure};
use bluecrab_compare::process::Process;
use memory::Memory;
use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use traffic::Traffic;

/// What is soaked, and for how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// The `bluecrab` command.
    pub bluecrab: PathBuf,
    /// The flagship app with the functions of the module `extractors`.
    pub app: PathBuf,
    /// Where to keep what the host complains of.
    pub log: PathBuf,
    /// How long, the warm-up apart.
    pub time: Duration,
    /// Requests under way at once.
    pub concurrency: usize,
    /// Draws the requests.
    pub seed: u64,
}

const LONGEST_WARM_UP: Duration = Duration::from_secs(30);
/// After this without a request the worker has closed its idle connections.
const QUIET: Duration = Duration::from_secs(8);

/// Sends the traffic and watches the worker and the host.
///
/// # Errors
/// Where the host cannot be started, or its worker has been replaced.
pub async fn run(options: &Options) -> Result<Report> {
    let traffic = Arc::new(Traffic::new()?);
    let log = File::create(&options.log).with_context(|| format!("cannot write {}", options.log.display()))?;
    let settings = [bad::TOO_LITTLE_TIME];
    let host = Host::start_with(&options.bluecrab, &options.app, &settings, Stdio::from(log)).await?;
    let client = Client::new(&host.url);
    let processes = [client.worker_process().await?, host.process()?];

    let warm_up = (options.time / 5).min(LONGEST_WARM_UP);
    eprintln!("{} different requests; warm-up for {} s", traffic.len(), warm_up.as_secs());
    let warm_up = traffic.run(&client, options.concurrency, warm_up, options.seed + 1).await?;
    let start = quiet(processes).await?;

    eprintln!("traffic for {} s", options.time.as_secs());
    let (outcome, [worker, own]) = tokio::try_join!(
        traffic.run(&client, options.concurrency, options.time, options.seed),
        Memory::watch(processes, options.time)
    )?;
    let end = quiet(processes).await?;
    let process = client.worker_process().await?;
    ensure!(
        process == processes[0],
        "the worker was replaced in the course of the traffic; {} says why",
        options.log.display()
    );
    host.stop().await?;
    Ok(Report {
        time: options.time,
        concurrency: options.concurrency,
        requests_before: warm_up.kinds.values().map(|of_kind| of_kind.requests).sum(),
        outcome,
        memory: [("worker", worker), ("host", own)],
        held: [start, end],
    })
}

/// What the processes hold when no request is under way; nothing where the system does not tell.
async fn quiet<const N: usize>(processes: [Process; N]) -> Result<Option<[Held; N]>> {
    tokio::time::sleep(QUIET).await;
    let mut all = Vec::new();
    for process in processes {
        all.extend(process::held(process)?);
    }
    Ok(all.try_into().ok())
}
