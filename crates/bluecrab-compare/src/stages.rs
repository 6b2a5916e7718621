//! Where the server's time goes, as its `Server-Timing` says; apart from the rounds, which it does not touch.

use crate::calls::{self, explain};
use crate::client::Answer;
use crate::histogram::Latencies;
use crate::load::{self, Checked};
use crate::results::{Cell, Stage};
use crate::scenario::{App, Load, Scenario};
use crate::server::Server;
use crate::server_timing::metrics;
use anyhow::Result;
use indicatif::ProgressBar;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Asks the runtime library, and whoever else knows it, for the header.
const SETTING: (&str, &str) = ("BLUECRAB_SERVER_TIMING", "1");

/// Calls each function one at a time, on a server of its own that was asked for the header; fills the cells' stages.
pub async fn measure(
    scenario: &Scenario,
    bluecrab: &Path,
    calls: &[Vec<Arc<Checked>>],
    cells: &mut [Cell],
    progress: &ProgressBar,
) -> Result<()> {
    for (index, function) in scenario.functions.iter().enumerate() {
        progress.set_message(format!("stages: {}", function.name));
        let server = match &scenario.apps[&function.app] {
            App::Folder(folder) => Server::host(bluecrab, folder, &[SETTING]).await?,
            app => Server::start(bluecrab, app).await?,
        };
        for (payload, calls) in scenario.payloads.iter().zip(calls) {
            progress.set_message(format!("stages: {}, {}", payload.name, function.name));
            let call = calls::call(scenario, &server, function, payload)?;
            let checked = Arc::new(calls[index].elsewhere(call));
            let stages = explain(one(scenario, &checked).await, function, payload, &server)?;
            let mut place: Vec<&mut Cell> = cells.iter_mut().filter(|cell| cell.payload == payload.name).collect();
            place.retain(|cell| cell.function == function.name);
            let at = place.iter().position(|cell| cell.load == Load::Closed(1)).unwrap_or(0);
            place[at].stages = stages;
            progress.inc(1);
        }
        server.stop().await?;
    }
    Ok(())
}

/// Nothing where the first answer has no such header.
async fn one(scenario: &Scenario, checked: &Arc<Checked>) -> Result<Vec<Stage>> {
    let mut stages = Vec::new();
    add(&mut stages, &checked.send().await?);
    if stages.is_empty() {
        return Ok(stages);
    }
    load::run(checked, Load::Closed(1), scenario.warm_up).await?;
    stages.clear();
    let started = Instant::now();
    while stages.is_empty() || started.elapsed() < scenario.time {
        add(&mut stages, &checked.send().await?);
    }
    checked.settle().await?;
    Ok(stages)
}

/// Counts the metrics of one answer. A new one comes behind the one that it follows there.
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
        // Twice in one answer is one duration.
        let queue = stages[0].durations.median().unwrap();
        assert!((queue / 0.003 - 1.0).abs() < 2e-3, "{queue}");
    }
}
