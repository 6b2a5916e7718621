//! What a second worker thread brings, and which stage holds it.

use super::stages::{Processes, STAGES, Stages};
use super::{CONCURRENCY, Files, SEED};
use crate::client::Client;
use crate::figures::measured::Measured;
use crate::figures::row::Row;
use crate::figures::spread::Spread;
use crate::host::Host;
use crate::payload;
use anyhow::Result;
use bytes::Bytes;
use std::process::Stdio;
use std::time::Duration;

const THREADS: [usize; 2] = [1, 2];

/// A host with so many worker threads, and what was measured with it.
struct Contender {
    host: Host,
    client: Client,
    processes: Processes,
    speeds: Vec<f64>,
    stages: [Vec<f64>; STAGES.len()],
}

/// Adds the calls per second at 300x300 with one thread and with two, and the processor time of each stage.
pub async fn measure(files: &Files, quick: bool, pool: &mut Measured) -> Result<()> {
    let body = payload::pair(300, SEED);
    let mut contenders = Vec::new();
    for threads in THREADS {
        contenders.push(start(files, threads).await?);
    }
    let (rounds, time) = if quick { (7, Duration::from_secs(3)) } else { (15, Duration::from_secs(5)) };
    for round in 0..=rounds {
        eprintln!("throughput with one thread and with two: round {round} of {rounds}");
        for contender in &mut contenders {
            contender.round(&body, time, round > 0).await?;
        }
    }
    let [one, two] = [&contenders[0], &contenders[1]];
    for (contender, threads) in [(one, "one thread"), (two, "two threads")] {
        pool.line(
            format!("multiply-rust at 300, {CONCURRENCY} at once, {threads}"),
            " /s",
            Spread::of(&contender.speeds),
        );
    }
    for (stage, times) in STAGES.iter().zip(&two.stages) {
        pool.milliseconds(format!("  processor time of a call with two threads: {stage}"), times);
    }
    let ratio = Spread::ratio(&two.speeds, &one.speeds);
    pool.row(Row::more("throughput at 300, two threads / one", "x", [1.8, 1.5], ratio));
    for note in two.notes() {
        pool.note(note);
    }
    for contender in contenders {
        contender.host.stop().await?;
    }
    Ok(())
}

async fn start(files: &Files, threads: usize) -> Result<Contender> {
    let settings = [("BLUECRAB_THREADS", &*threads.to_string())];
    let host = Host::start_with(&files.bluecrab, &files.app, &settings, Stdio::inherit()).await?;
    let client = Client::new(&host.url);
    let processes = Processes { host: host.process()?, worker: client.worker_process().await?, threads };
    Ok(Contender { host, client, processes, speeds: Vec::new(), stages: [const { Vec::new() }; STAGES.len()] })
}

impl Contender {
    async fn round(&mut self, body: &Bytes, time: Duration, counts: bool) -> Result<()> {
        let before = Stages::now(self.processes)?;
        let started = std::time::Instant::now();
        let speed = self.client.saturate("multiply-rust", Some(body), CONCURRENCY, time).await?;
        let calls = speed * started.elapsed().as_secs_f64();
        let after = Stages::now(self.processes)?;
        if counts {
            self.speeds.push(speed);
            if let (Some(before), Some(after)) = (before, after) {
                for (times, stage) in self.stages.iter_mut().zip(after.since(before, calls)) {
                    times.push(stage);
                }
            }
        }
        Ok(())
    }

    /// What bounds the calls per second: no stage can do more, nor all of them together on these processors.
    fn notes(&self) -> Vec<String> {
        let medians: Vec<f64> =
            self.stages.iter().filter_map(|times| Spread::of(times)).map(|spread| spread.median).collect();
        let &[client, host, event_loop, threads, helpers] = medians.as_slice() else { return Vec::new() };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let all = client + host + event_loop + threads + helpers;
        vec![
            format!(
                "Bounds with two threads: {:.0} /s by the worker threads, {:.0} /s by the event loop, and {:.0} /s by \
                 the {processors} processors,",
                2000.0 / threads,
                1000.0 / event_loop,
                processors as f64 * 1000.0 / all
            ),
            format!("which client, host and worker share: {all:.1} ms of processor time a call."),
        ]
    }
}
