//! Cold starts: from the start of the host's process to the last byte of the first answer.

use super::server::Server;
use super::servers::{call, explain, verify};
use super::{Run, SEED};
use crate::scenario::{Place, Random};
use anyhow::Result;
use bytes::Bytes;
use std::time::Instant;

impl Run<'_> {
    /// Returns how many cold starts there will be.
    pub fn count_cold_starts(&self) -> usize {
        let is_ours = |app: &str| matches!(self.scenario.apps[app].place, Place::Folder(_));
        self.scenario.cold_starts * self.scenario.functions.iter().filter(|function| is_ours(&function.app)).count()
    }

    /// The seconds of each start of each function with the first payload. Every turn starts each function once, in
    /// another order. Apps at an address have no starts.
    pub async fn cold_starts(&self) -> Result<Vec<Vec<f64>>> {
        let functions = self.scenario.functions.len();
        let mut seconds = vec![Vec::new(); functions];
        let mut answers: Vec<Option<Bytes>> = vec![None; functions];
        let mut random = Random(SEED);
        for turn in 0..self.scenario.cold_starts {
            for index in random.order(functions) {
                let name = &self.scenario.functions[index].name;
                let turns = self.scenario.cold_starts;
                self.progress.set_message(format!("cold start {} of {turns}: {name}", turn + 1));
                if let Some((time, answer)) = self.cold_start(index).await? {
                    seconds[index].push(time);
                    answers[index] = Some(answer);
                    self.progress.inc(1);
                }
            }
            self.verify_first_answers(&answers).await?;
        }
        Ok(seconds)
    }

    async fn cold_start(&self, index: usize) -> Result<Option<(f64, Bytes)>> {
        let (function, payload) = (&self.scenario.functions[index], &self.scenario.payloads[0]);
        let app = &self.scenario.apps[self.scenario.app_of(function, payload)];
        if matches!(app.place, Place::Url(_)) {
            return Ok(None);
        }
        let started = Instant::now();
        let mut server = Server::start_only(self.bluecrab, app, self.scenario.cores, &[]).await?;
        let answer = call(self.scenario, &server, function, payload)?.send().await;
        let elapsed = started.elapsed().as_secs_f64();
        let answer = explain(answer, function, payload, &server).await?.body;
        // The next start begins when the worker of this one has ended.
        server.find_worker().await?;
        server.stop().await?;
        Ok(Some((elapsed, answer)))
    }

    async fn verify_first_answers(&self, answers: &[Option<Bytes>]) -> Result<()> {
        let [Some(expected), others @ ..] = answers else { return Ok(()) };
        for (function, answer) in self.scenario.functions[1..].iter().zip(others) {
            if let Some(answer) = answer {
                verify(self.scenario, function, &self.scenario.payloads[0], answer, expected).await?;
            }
        }
        Ok(())
    }
}
