//! A run from start to end: cold starts, servers, answers that agree, warm-up, rounds, stages.

use crate::fleet::Fleet;
use crate::machine::Machine;
use crate::process::Process;
use crate::results::{FunctionResult, Results};
use crate::rounds::Rounds;
use crate::scenario::{App, Scenario, Workers};
use crate::server::Server;
use crate::{calls, cold, stages};
use anyhow::Result;
use indicatif::ProgressBar;
use std::path::Path;
use std::time::{Duration, Instant};

/// The runtime library starts its threads a moment after the app. Read at once, the memory of the server that started last
/// would lack them.
const SETTLE: Duration = Duration::from_secs(2);

/// Measures a scenario. `bluecrab` is the program whose verb `dev` is the host.
///
/// # Errors
/// Where an app does not start, a call fails, or answers differ.
pub async fn run(scenario: &Scenario, bluecrab: &Path, progress: &ProgressBar) -> Result<Results> {
    let origin = Instant::now();
    progress.set_length(steps(scenario) as u64);
    let folder = scenario.apps.values().find_map(|app| match app {
        App::Folder(folder) => Some(folder.as_path()),
        App::Url(_) => None,
    });
    let machine = Machine::here(folder.unwrap_or(Path::new(".")));
    let cold_starts = cold::measure(scenario, bluecrab, progress).await?;
    progress.set_message("starting a server for each function");
    let servers = Fleet::servers(scenario, bluecrab).await?;
    if servers.iter().any(|server| server.worker.is_some()) {
        tokio::time::sleep(SETTLE).await;
    }
    let function = |((function, server), cold_starts): ((&crate::scenario::Function, &Server), _)| FunctionResult {
        name: function.name.clone(),
        memory_at_start: server.worker.and_then(Process::resident_bytes),
        cold_starts,
        neighbour_alone: None,
    };
    let functions = scenario.functions.iter().zip(&servers).zip(cold_starts).map(function).collect();
    let mut results = Results::new(scenario.title.clone(), scenario.text.clone(), machine, functions);
    results.fresh_workers = scenario.workers == Workers::Fresh;
    let calls = calls::agreed(scenario, &servers).await?;
    let mut fleet = Fleet { servers, calls };
    Rounds { scenario, bluecrab, progress, origin }.measure(&mut fleet, &mut results).await?;
    fleet.stop().await?;
    stages::measure(scenario, bluecrab, &fleet.calls, &mut results.cells, progress).await?;
    Ok(results)
}

/// How often the progress moves on, where no round is repeated.
fn steps(scenario: &Scenario) -> usize {
    let Scenario { payloads, loads, rounds, .. } = scenario;
    let warm_ups_and_stages = payloads.len() * (scenario.warm_ups() + 1);
    let alone = usize::from(scenario.neighbour.is_some());
    let measured = rounds * (payloads.len() * loads.len() + alone);
    cold::count(scenario) + scenario.functions.len() * (warm_ups_and_stages + measured)
}
