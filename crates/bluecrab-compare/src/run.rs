//! A run: servers, answers that agree, warm-up, and rounds in which everything is measured once.

use crate::answers::agree;
use crate::client::Call;
use crate::load::{self, Checked};
use crate::machine::Machine;
use crate::process::Process;
use crate::results::{Cell, FunctionResult, Results, Round};
use crate::scenario::{App, Function, Load, Payload, Scenario};
use crate::server::Server;
use anyhow::{Context, Result};
use bytes::Bytes;
use indicatif::ProgressBar;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Measures a scenario. `bluecrab` is the program whose verb `dev` is the host.
///
/// # Errors
/// Where an app does not start, a call fails, or answers differ.
pub async fn run(scenario: &Scenario, bluecrab: &Path, progress: &ProgressBar) -> Result<Results> {
    let pairs = (scenario.functions.len() * scenario.payloads.len()) as u64;
    progress.set_length(pairs * (1 + scenario.loads.len() as u64 * scenario.rounds as u64));
    progress.set_message("starting");
    let mut servers = Vec::new();
    for function in &scenario.functions {
        servers.push(Server::start(bluecrab, &scenario.apps[&function.app]).await?);
    }
    let measured = measure(scenario, &servers, progress).await;
    for server in servers {
        server.stop().await?;
    }
    measured
}

async fn measure(scenario: &Scenario, servers: &[Server], progress: &ProgressBar) -> Result<Results> {
    let functions = scenario.functions.iter().zip(servers).map(|(function, server)| FunctionResult {
        name: function.name.clone(),
        memory_at_start: server.worker.and_then(Process::resident_bytes),
        cold_starts: Vec::new(),
    });
    let folder = scenario.apps.values().find_map(|app| match app {
        App::Folder(folder) => Some(folder.as_path()),
        App::Url(_) => None,
    });
    let machine = Machine::here(folder.unwrap_or(Path::new(".")));
    let mut results = Results::new(scenario.title.clone(), scenario.text.clone(), machine, functions.collect());
    let calls = agreed_calls(scenario, servers).await?;
    for (payload, calls) in scenario.payloads.iter().zip(&calls) {
        for ((function, server), call) in scenario.functions.iter().zip(servers).zip(calls) {
            progress.set_message(format!("warming up: {}, {}", payload.name, function.name));
            let warm = load::run(call, Load::Closed(1), scenario.warm_up).await;
            explain(warm, function, payload, server)?;
            progress.inc(1);
        }
    }
    results.cells = empty_cells(scenario, &calls);
    for round in 0..scenario.rounds {
        let mut cells = results.cells.iter_mut();
        for (payload, calls) in scenario.payloads.iter().zip(&calls) {
            for &load in &scenario.loads {
                let mut group: Vec<&mut Cell> = cells.by_ref().take(scenario.functions.len()).collect();
                for turn in 0..scenario.functions.len() {
                    // Another function begins each round, so that none always follows the same one.
                    let index = (turn + round) % scenario.functions.len();
                    let (function, server) = (&scenario.functions[index], &servers[index]);
                    let place = format!("round {} of {}: {}, {load}", round + 1, scenario.rounds, payload.name);
                    progress.set_message(format!("{place}, {}", function.name));
                    let measured = measure_round(scenario, server, &calls[index], load).await;
                    group[index].rounds.push(explain(measured, function, payload, server)?);
                    progress.inc(1);
                }
            }
        }
    }
    Ok(results)
}

/// Every function's call with every payload, whose first answer agrees with the baseline's.
async fn agreed_calls(scenario: &Scenario, servers: &[Server]) -> Result<Vec<Vec<Arc<Checked>>>> {
    let mut all = Vec::new();
    for payload in &scenario.payloads {
        let mut calls: Vec<Arc<Checked>> = Vec::new();
        for (function, server) in scenario.functions.iter().zip(servers) {
            let url = format!("{}{}", server.url, function.path);
            let method = function.method.as_deref();
            let call = Call::new(method, &url, headers(function, payload), payload.body.clone(), scenario.call_limit);
            let call = call.with_context(|| format!("the function {}", function.name))?;
            let first = explain(call.send().await, function, payload, server)?.body;
            let expected = calls.first().map_or_else(|| first.clone(), |baseline| baseline.first.clone());
            agree(scenario.answers, &first, &expected).with_context(|| {
                let baseline = &scenario.functions[0].name;
                format!("{} and {baseline} answer differently to {}", function.name, payload.name)
            })?;
            calls.push(Arc::new(Checked { call, rule: scenario.answers, first, expected }));
        }
        all.push(calls);
    }
    Ok(all)
}

fn headers(function: &Function, payload: &Payload) -> Vec<(String, String)> {
    let mut headers: Vec<_> = function.headers.clone().into_iter().collect();
    let typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if payload.body.is_some() && !typed {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    headers
}

fn empty_cells(scenario: &Scenario, calls: &[Vec<Arc<Checked>>]) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (payload, calls) in scenario.payloads.iter().zip(calls) {
        for &load in &scenario.loads {
            cells.extend(scenario.functions.iter().zip(calls).map(|(function, checked)| Cell {
                function: function.name.clone(),
                payload: payload.name.clone(),
                size: payload.size,
                load,
                bytes_in: payload.body.as_ref().map_or(0, Bytes::len),
                bytes_out: checked.first.len(),
                rounds: Vec::new(),
                stages: Vec::new(),
            }));
        }
    }
    cells
}

/// Says which function, with which payload, and what its host said last.
fn explain<T>(outcome: Result<T>, function: &Function, payload: &Payload, server: &Server) -> Result<T> {
    outcome.with_context(|| {
        let mut text = format!("{} with {} fails", function.name, payload.name);
        if let Some(lines) = server.last_lines() {
            text.push_str(&format!("; the last lines of its host:\n{lines}\n"));
        }
        text
    })
}

async fn measure_round(scenario: &Scenario, server: &Server, call: &Arc<Checked>, load: Load) -> Result<Round> {
    let (stop, stopped) = oneshot::channel();
    let neighbour = match &scenario.neighbour {
        Some(neighbour) => {
            let url = format!("{}{}", server.url, neighbour.path);
            let call = Call::new(None, &url, [], None, scenario.call_limit)?;
            call.send().await.context("the neighbour")?;
            Some(tokio::spawn(load::neighbour(call, neighbour.every, stopped)))
        }
        None => None,
    };
    let memory = server.worker.map(Watch::start);
    let before = server.worker.and_then(Process::cpu_seconds);
    let measured = load::run(call, load, scenario.time).await;
    let after = server.worker.and_then(Process::cpu_seconds);
    // Where nobody listens, there is nothing to stop.
    let _ = stop.send(());
    let neighbour = match neighbour {
        Some(neighbour) => Some(neighbour.await?.context("the neighbour")?),
        None => None,
    };
    let memory_peak = match memory {
        Some(memory) => memory.peak().await?,
        None => None,
    };
    let measured = measured?;
    Ok(Round {
        seconds: measured.seconds,
        latencies: measured.latencies,
        cpu_seconds: after.zip(before).map(|(after, before)| after - before),
        memory_peak,
        memory_after: server.worker.and_then(Process::resident_bytes),
        memory: Vec::new(),
        neighbour,
    })
}

/// Looks at a process's memory again and again.
struct Watch {
    stop: oneshot::Sender<()>,
    watching: tokio::task::JoinHandle<Option<u64>>,
}

impl Watch {
    const EVERY: Duration = Duration::from_millis(20);

    fn start(process: Process) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let watching = tokio::spawn(async move {
            let mut peak = process.resident_bytes();
            while tokio::time::timeout(Self::EVERY, &mut stopped).await.is_err() {
                peak = peak.max(process.resident_bytes());
            }
            peak.max(process.resident_bytes())
        });
        Self { stop, watching }
    }

    async fn peak(self) -> Result<Option<u64>> {
        // Where nobody listens, it has stopped.
        let _ = self.stop.send(());
        Ok(self.watching.await?)
    }
}
