//! Cold starts: from the start of the host's process to the last byte of the first answer.

use crate::calls;
use crate::scenario::{App, Scenario};
use crate::server::Server;
use anyhow::Result;
use bytes::Bytes;
use indicatif::ProgressBar;
use std::path::Path;
use std::time::Instant;

/// How many there will be.
pub fn count(scenario: &Scenario) -> usize {
    let ours = |app: &&str| matches!(scenario.apps.get(*app), Some(App::Folder(_)));
    scenario.cold_starts * scenario.functions.iter().map(|function| function.app.as_str()).filter(ours).count()
}

/// The seconds of each start of each function, with the first payload; none of apps by URL. In each turn every function
/// starts once, another one first.
pub async fn measure(scenario: &Scenario, bluecrab: &Path, progress: &ProgressBar) -> Result<Vec<Vec<f64>>> {
    let payload = &scenario.payloads[0];
    let functions = scenario.functions.len();
    let mut seconds = vec![Vec::new(); functions];
    let mut baseline: Option<Bytes> = None;
    let mut firsts = vec![Bytes::new(); functions];
    for turn in 0..scenario.cold_starts {
        for place in 0..functions {
            let index = (turn + place) % functions;
            let function = &scenario.functions[index];
            let App::Folder(folder) = &scenario.apps[&function.app] else { continue };
            progress.set_message(format!("cold start {} of {}: {}", turn + 1, scenario.cold_starts, function.name));
            let started = Instant::now();
            let mut server = Server::host(bluecrab, folder, &[]).await?;
            let answer = calls::call(scenario, &server, function, payload)?.send().await;
            let elapsed = started.elapsed();
            let answer = calls::explain(answer, function, payload, &server)?.body;
            seconds[index].push(elapsed.as_secs_f64());
            // Known only now, so that the question is no part of the start; the next one begins when it has ended.
            server.find_worker().await?;
            server.stop().await?;
            if index == 0 && baseline.is_none() {
                baseline = Some(answer.clone());
            }
            match &baseline {
                Some(expected) if firsts[index] != answer => {
                    calls::compare(scenario, function, payload, &answer, expected).await?;
                    firsts[index] = answer;
                }
                _ => {}
            }
            progress.inc(1);
        }
    }
    Ok(seconds)
}
