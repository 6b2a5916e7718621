//! A run from start to end: cold starts, servers, answers that agree, warm-up, rounds, stages.

use crate::machine::Machine;
use crate::process::Process;
use crate::results::{FunctionResult, Results};
use crate::rounds::Rounds;
use crate::scenario::{App, Scenario};
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
    let mut servers = Vec::new();
    for function in &scenario.functions {
        servers.push(Server::start(bluecrab, &scenario.apps[&function.app]).await?);
    }
    if servers.iter().any(|server| server.worker.is_some()) {
        tokio::time::sleep(SETTLE).await;
    }
    let function = |((function, server), cold_starts): ((&crate::scenario::Function, &Server), _)| FunctionResult {
        name: function.name.clone(),
        memory_at_start: server.worker.and_then(Process::resident_bytes),
        cold_starts,
    };
    let functions = scenario.functions.iter().zip(&servers).zip(cold_starts).map(function).collect();
    let mut results = Results::new(scenario.title.clone(), scenario.text.clone(), machine, functions);
    let calls = calls::agreed(scenario, &servers).await?;
    let rounds = Rounds { scenario, servers: &servers, calls: &calls, progress, origin };
    rounds.warm_up().await?;
    results.cells = rounds.measure().await?;
    for server in servers {
        server.stop().await?;
    }
    stages::measure(scenario, bluecrab, &calls, &mut results.cells, progress).await?;
    Ok(results)
}

/// How often the progress moves on.
fn steps(scenario: &Scenario) -> usize {
    let pairs = scenario.functions.len() * scenario.payloads.len();
    cold::count(scenario) + pairs * (2 + scenario.loads.len() * scenario.rounds)
}
