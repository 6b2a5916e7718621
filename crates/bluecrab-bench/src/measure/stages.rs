//! Where the server's time goes, from its `Server-Timing`; on servers of its own, so that the rounds stay free of its
//! cost.

use super::Run;
use super::client::Answer;
use super::load;
use super::server::Server;
use super::server_timing::metrics;
use super::servers::{Servers, call, explain};
use super::verified_call::VerifiedCall;
use crate::results::{Latencies, Measurement, Stage};
use crate::scenario::Load;
use anyhow::Result;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Asks the runtime library for the header.
const SETTING: &str = "BLUECRAB_SERVER_TIMING";

impl Run<'_> {
    /// Calls each function one at a time, and fills in the stages of its measurement with the least busy load.
    pub async fn stages(&self, servers: &Servers, measurements: &mut [Measurement]) -> Result<()> {
        let payloads: Vec<_> = self.scenario.payloads.iter().zip(&servers.calls).collect();
        for (index, function) in self.scenario.functions.iter().enumerate() {
            for same in payloads.chunk_by(|(one, _), (two, _)| one.settings == two.settings) {
                let mut app = self.scenario.app(function, &same[0].0.settings);
                app.settings.insert(SETTING.to_owned(), "1".to_owned());
                let server = Server::start(self.bluecrab, &app, self.scenario.cores).await?;
                for (payload, calls) in same {
                    self.progress.set_message(format!("stages: {}, {}", payload.name, function.name));
                    let call = call(self.scenario, &server, function, payload)?;
                    let stages = self.stages_of(&Arc::new(calls[index].on(call))).await;
                    let stages = explain(stages, function, payload, &server).await?;
                    let is_here = |one: &&mut Measurement| one.payload == payload.name && one.function == function.name;
                    let busyness = |one: &&mut Measurement| one.load.busyness();
                    let here = measurements.iter_mut().filter(is_here);
                    if let Some(place) = here.min_by(|one, two| busyness(one).total_cmp(&busyness(two))) {
                        place.stages = stages;
                    }
                    self.progress.inc(1);
                }
                server.stop().await?;
            }
        }
        Ok(())
    }

    /// Returns no stages if the first answer has no such header.
    async fn stages_of(&self, call: &Arc<VerifiedCall>) -> Result<Vec<Stage>> {
        let mut stages = Vec::new();
        add(&mut stages, &call.send().await?);
        if stages.is_empty() {
            return Ok(stages);
        }
        load::warm_up(call, Load::Closed(1), self.scenario.warm_up).await?;
        stages.clear();
        let started = Instant::now();
        while stages.is_empty() || started.elapsed() < self.scenario.time {
            add(&mut stages, &call.send().await?);
        }
        call.verify_pending().await?;
        Ok(stages)
    }
}

/// Counts the metrics of one answer. A metric that no earlier answer had keeps its place in the order of this answer.
fn add(stages: &mut Vec<Stage>, answer: &Answer) {
    let mut durations: Vec<(&str, Duration)> = Vec::new();
    let fields = answer.headers.get_all("server-timing").iter().filter_map(|value| value.to_str().ok());
    for (name, duration) in fields.flat_map(metrics) {
        match durations.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum = sum.saturating_add(duration),
            None => durations.push((name, duration)),
        }
    }
    let mut next = 0;
    for (name, duration) in durations {
        let at = stages.iter().position(|stage| stage.name == name).unwrap_or_else(|| {
            stages.insert(next, Stage { name: name.to_owned(), durations: Latencies::default() });
            next
        });
        stages[at].durations.record(duration);
        next = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::HeaderMap;
    use hyper::header::HeaderValue;

    fn answer(fields: &[&'static str]) -> Answer {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append("server-timing", HeaderValue::from_static(field));
        }
        Answer { body: bytes::Bytes::new(), latency: Duration::ZERO, headers }
    }

    #[test]
    fn stages_keep_the_order_of_the_answers() {
        let mut stages = Vec::new();
        add(&mut stages, &answer(&[]));
        assert!(stages.is_empty());
        add(&mut stages, &answer(&["body;dur=1, copy-out;dur=2"]));
        add(&mut stages, &answer(&["body;dur=1", "compute;dur=3, compute.parse;dur=2, copy-out;dur=2"]));
        add(&mut stages, &answer(&["queue;dur=1, queue;dur=2, body;dur=1"]));
        let seen: Vec<_> = stages.iter().map(|stage| (stage.name.as_str(), stage.durations.calls())).collect();
        assert_eq!(seen, [("queue", 1), ("body", 3), ("compute", 1), ("compute.parse", 1), ("copy-out", 2)]);
        // A metric that an answer has twice counts as one duration.
        let queue = stages[0].durations.median().unwrap();
        assert!((queue / 0.003 - 1.0).abs() < 2e-3, "{queue}");
    }
}
