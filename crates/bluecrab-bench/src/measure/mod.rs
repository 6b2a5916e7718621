//! A run from start to end: cold starts, servers, the comparison of answers, warm-up, rounds, stages.

mod answers;
mod client;
mod cold_start;
mod load;
mod rounds;
mod sampler;
mod server;
mod server_timing;
mod servers;
mod stages;
mod verified_call;

use crate::results::{FunctionResult, Results};
use crate::scenario::{Place, Scenario, Workers};
use crate::system::{Machine, Process};
use anyhow::Result;
use indicatif::ProgressBar;
use servers::Servers;
use std::path::Path;
use std::time::Duration;

/// What all parts of a run share.
struct Run<'a> {
    scenario: &'a Scenario,
    /// The program whose verb `dev` is the host.
    bluecrab: &'a Path,
    progress: &'a ProgressBar,
}

/// The seed of the orders in which functions are measured.
const SEED: u64 = 2019;

/// The runtime library starts its threads a moment after the app. Without this pause, the memory of the server that
/// started last would lack them.
const SETTLE: Duration = Duration::from_secs(2);

/// Measures a scenario. `bluecrab` is the program whose verb `dev` is the host.
///
/// # Errors
/// Returns an error if an app does not start, a call fails, or answers differ.
pub async fn run(scenario: &Scenario, bluecrab: &Path, progress: &ProgressBar) -> Result<Results> {
    let run = Run { scenario, bluecrab, progress };
    progress.set_length(run.steps() as u64);
    let folder = scenario.apps.values().find_map(|app| match &app.place {
        Place::Folder(folder) => Some(folder.as_path()),
        Place::Url(_) => None,
    });
    let machine = Machine::here(folder.unwrap_or(Path::new(".")));
    let cold_starts = run.cold_starts().await?;
    progress.set_message("starting a server for each function");
    let mut servers = Servers::start(scenario, bluecrab).await?;
    if servers.is_ours() {
        tokio::time::sleep(SETTLE).await;
    }
    let functions = scenario.functions.iter().zip(cold_starts).enumerate();
    let functions = functions.map(|(index, (function, cold_starts))| FunctionResult {
        name: function.name.clone(),
        subject: function.subject,
        memory_at_start: servers.own(index).worker.and_then(Process::resident_bytes),
        cold_starts,
        ..FunctionResult::default()
    });
    let mut results = Results::new(scenario.title.clone(), scenario.text.clone(), machine, functions.collect());
    results.fresh_workers = scenario.workers == Workers::Fresh;
    results.cores = scenario.cores;
    results.note.clone_from(&scenario.note);
    servers.verify(scenario).await?;
    run.rounds(&mut servers, &mut results).await?;
    servers.stop().await?;
    run.stages(&servers, &mut results.measurements).await?;
    Ok(results)
}

impl Run<'_> {
    /// How many steps the progress bar has.
    fn steps(&self) -> usize {
        let Scenario { payloads, loads, rounds, functions, .. } = self.scenario;
        let warm_ups_and_stages = payloads.len() * (self.scenario.warm_ups() + 1);
        let alone = usize::from(self.scenario.probe.is_some());
        let measured = rounds * (payloads.len() * loads.len() + alone);
        self.count_cold_starts() + functions.len() * (warm_ups_and_stages + measured)
    }
}
