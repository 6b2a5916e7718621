//! Cold starts: from the start of the host's process to the last byte of the first answer.

use super::server::Server;
use super::servers::{call, explain, verify};
use super::{Run, SEED};
use crate::scenario::{Place, Random, Scenario};
use anyhow::Result;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::time::Instant;

impl Run<'_> {
    /// Returns how many cold starts there will be.
    pub fn count_cold_starts(&self) -> usize {
        self.scenario.cold_starts * self.started_here().len()
    }

    /// Returns the indices of the functions whose apps we start. Apps at an address have no starts.
    fn started_here(&self) -> Vec<usize> {
        let Scenario { apps, functions, .. } = self.scenario;
        let is_ours = |index: &usize| matches!(apps[&functions[*index].app].place, Place::Folder(_));
        (0..functions.len()).filter(is_ours).collect()
    }

    /// The seconds of each start of each function with the first payload. Every turn starts each function once, in
    /// another order.
    pub async fn cold_starts(&self) -> Result<Vec<Vec<f64>>> {
        let Scenario { functions, payloads, cold_starts, .. } = self.scenario;
        let ours = self.started_here();
        let mut seconds = vec![Vec::new(); functions.len()];
        let mut random = Random(SEED);
        for turn in 0..*cold_starts {
            let mut answers = BTreeMap::new();
            for place in random.order(ours.len()) {
                let index = ours[place];
                self.progress.set_message(format!(
                    "cold start {} of {cold_starts}: {}",
                    turn + 1,
                    functions[index].name
                ));
                let (time, answer) = self.cold_start(index).await?;
                seconds[index].push(time);
                answers.insert(index, answer);
                self.progress.inc(1);
            }
            for (index, answer) in &answers {
                if let Some(expected) = answers.get(&0) {
                    verify(self.scenario, &functions[*index], &payloads[0], answer, expected).await?;
                }
            }
        }
        Ok(seconds)
    }

    async fn cold_start(&self, index: usize) -> Result<(f64, Bytes)> {
        let (function, payload) = (&self.scenario.functions[index], &self.scenario.payloads[0]);
        let app = self.scenario.app(function, &payload.settings);
        let started = Instant::now();
        let mut server = Server::start_only(self.bluecrab, &app, self.scenario.cores).await?;
        let answer = call(self.scenario, &server, function, payload)?.send().await;
        let elapsed = started.elapsed().as_secs_f64();
        let answer = explain(answer, function, payload, &server).await?.body;
        // The next start begins when the worker of this one has ended.
        server.find_worker().await?;
        server.stop().await?;
        Ok((elapsed, answer))
    }
}
