//! The rounds, in each of which everything is measured once.

use crate::calls::explain;
use crate::client::Call;
use crate::load::{self, Checked};
use crate::process::Process;
use crate::results::{Cell, Round};
use crate::scenario::{Load, Scenario};
use crate::server::Server;
use crate::watch::{self, Watch};
use anyhow::{Context, Result};
use indicatif::ProgressBar;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::oneshot;

/// What is measured: servers and calls, of each function.
pub struct Rounds<'a> {
    pub scenario: &'a Scenario,
    pub servers: &'a [Server],
    /// Of each payload.
    pub calls: &'a [Vec<Arc<Checked>>],
    pub progress: &'a ProgressBar,
    /// When the run began.
    pub origin: Instant,
}

impl Rounds<'_> {
    /// Calls every function with every payload under every load without measuring.
    pub async fn warm_up(&self) -> Result<()> {
        for (payload, calls) in self.scenario.payloads.iter().zip(self.calls) {
            for ((function, server), call) in self.scenario.functions.iter().zip(self.servers).zip(calls) {
                self.progress.set_message(format!("warming up: {}, {}", payload.name, function.name));
                for &load in &self.scenario.loads {
                    let share = self.scenario.warm_up / self.scenario.loads.len() as u32;
                    explain(load::run(call, load, share).await, function, payload, server)?;
                }
                explain(call.settle().await, function, payload, server)?;
                self.progress.inc(1);
            }
        }
        Ok(())
    }

    /// Measures all rounds.
    pub async fn measure(&self) -> Result<Vec<Cell>> {
        let scenario = self.scenario;
        let mut results = self.empty_cells();
        for round in 0..scenario.rounds {
            let mut cells = results.iter_mut();
            for (payload, calls) in scenario.payloads.iter().zip(self.calls) {
                for &load in &scenario.loads {
                    let mut group: Vec<&mut Cell> = cells.by_ref().take(scenario.functions.len()).collect();
                    for index in order(round, scenario.functions.len()) {
                        let (function, server) = (&scenario.functions[index], &self.servers[index]);
                        let place = format!("round {} of {}: {}, {load}", round + 1, scenario.rounds, payload.name);
                        self.progress.set_message(format!("{place}, {}", function.name));
                        let measured = self.one(server, &calls[index], load).await;
                        group[index].rounds.push(explain(measured, function, payload, server)?);
                        self.progress.inc(1);
                    }
                }
            }
        }
        Ok(results)
    }

    fn empty_cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for (payload, calls) in self.scenario.payloads.iter().zip(self.calls) {
            for &load in &self.scenario.loads {
                cells.extend(self.scenario.functions.iter().zip(calls).map(|(function, checked)| Cell {
                    function: function.name.clone(),
                    payload: payload.name.clone(),
                    size: payload.size,
                    load,
                    bytes_in: payload.of(&function.name).map_or(0, |body| body.bytes.len()),
                    bytes_out: checked.first.len(),
                    rounds: Vec::new(),
                    stages: Vec::new(),
                }));
            }
        }
        cells
    }

    async fn one(&self, server: &Server, call: &Arc<Checked>, load: Load) -> Result<Round> {
        let (stop, stopped) = oneshot::channel();
        let neighbour = match &self.scenario.neighbour {
            Some(neighbour) => {
                let url = format!("{}{}", server.url, neighbour.path);
                let call = Call::new(None, &url, [], None, self.scenario.call_limit)?;
                call.send().await.context("the neighbour")?;
                Some(tokio::spawn(load::neighbour(call, neighbour.every, stopped)))
            }
            None => None,
        };
        let watch = server.worker.map(|worker| Watch::start(worker, self.origin));
        let before = server.worker.and_then(Process::cpu_seconds);
        let measured = load::run(call, load, self.scenario.time).await;
        let after = server.worker.and_then(Process::cpu_seconds);
        // Where nobody listens, there is nothing to stop.
        let _ = stop.send(());
        let neighbour = match neighbour {
            Some(neighbour) => Some(neighbour.await?.context("the neighbour")?),
            None => None,
        };
        let (memory_mean, memory) = match watch {
            Some(watch) => watch.end().await?,
            None => (None, Vec::new()),
        };
        let measured = measured?;
        call.settle().await?;
        Ok(Round {
            seconds: measured.seconds,
            latencies: measured.latencies,
            cpu_seconds: after.zip(before).map(|(after, before)| after - before),
            memory_peak: watch::peak(&memory),
            memory_after: server.worker.and_then(Process::resident_bytes),
            memory_mean,
            memory,
            neighbour,
        })
    }
}

/// The functions in the order of a round. Another one begins each round, and every other round goes backwards, so that none
/// always follows the same one.
fn order(round: usize, functions: usize) -> impl Iterator<Item = usize> {
    (0..functions).map(move |turn| (round + if round.is_multiple_of(2) { turn } else { functions - turn }) % functions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_function_follows_different_ones_and_begins_in_its_turn() {
        for functions in 3..9 {
            let rounds: Vec<Vec<usize>> = (0..8).map(|round| order(round, functions).collect()).collect();
            for function in 0..functions {
                assert!(rounds.iter().all(|round| round.contains(&function)), "{rounds:?}");
                let pairs = rounds.iter().flat_map(|round| round.windows(2)).filter(|pair| pair[1] == function);
                let before: HashSet<usize> = pairs.map(|pair| pair[0]).collect();
                assert!(before.len() >= 2, "{function} of {functions} follows {before:?} only");
            }
            let first: HashSet<usize> = rounds.iter().map(|round| round[0]).collect();
            assert_eq!(first.len(), functions.min(8));
        }
    }
}
