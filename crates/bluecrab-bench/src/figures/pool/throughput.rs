//! What a second worker thread brings, and which stage holds it.

use super::stages::{Processes, STAGES, Stages};
use super::{CONCURRENCY, Files, Rounds, SEED, is_disturbed, reading};
use crate::client::Client;
use crate::figures::measured::Measured;
use crate::figures::row::Row;
use crate::figures::spread::Spread;
use crate::host::Host;
use anyhow::Result;
use bluecrab_compare::matrices;
use bytes::Bytes;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

const THREADS: [usize; 2] = [1, 2];

/// A host with so many worker threads, and what was measured with it.
struct Contender {
    host: Host,
    client: Client,
    processes: Processes,
    speeds: Vec<f64>,
    stages: [Vec<f64>; STAGES.len()],
}

/// What one round found.
struct Round {
    speed: f64,
    stages: Option<[f64; STAGES.len()]>,
    disturbed: bool,
}

const NPY: [(&str, &str); 2] = [("content-type", "application/x-npy"), ("accept", "application/x-npy")];

/// What is called, and with what.
#[derive(Clone)]
struct Load<'a> {
    app: &'a Path,
    name: &'static str,
    function: &'static str,
    body: Bytes,
    headers: &'static [(&'static str, &'static str)],
    /// What a second thread is to bring, where client, host and event loop leave it the processors.
    aim: Option<[f64; 2]>,
}

/// Adds the calls per second with one thread and with two, and the processor time of each stage.
pub async fn measure(files: &Files, quick: bool, pool: &mut Measured) -> Result<()> {
    // Some bytes each way: nearly all of a call is work on its thread.
    let primes = Load {
        app: &files.echo,
        name: "primes below 25 million",
        function: "primes-rust?below=25000000",
        body: Bytes::from_static(b"?"),
        headers: &[],
        aim: Some([1.8, 1.5]),
    };
    let json = Load {
        app: &files.app,
        name: "multiply-rust at 300",
        function: "multiply-rust",
        body: matrices::pair(300, SEED),
        headers: &[("content-type", "application/json")],
        aim: None,
    };
    let body = matrices::npy_pair(1000, SEED);
    let npy = Load { name: "multiply-rust at 1000 in .npy", body, headers: &NPY, ..json.clone() };
    for load in [primes, json, npy] {
        of(files, &load, quick, pool).await?;
    }
    Ok(())
}

async fn of(files: &Files, load: &Load<'_>, quick: bool, pool: &mut Measured) -> Result<()> {
    let mut contenders = Vec::new();
    for threads in THREADS {
        contenders.push(start(files, load.app, threads).await?);
    }
    let (wanted, time) = if quick { (7, Duration::from_secs(2)) } else { (15, Duration::from_secs(4)) };
    let mut rounds = Rounds::new("throughput with one thread and with two", wanted);
    while rounds.next() {
        let mut found = Vec::new();
        for contender in &contenders {
            found.push(contender.round(load, time).await?);
        }
        if rounds.counts(found.iter().any(|round| round.disturbed)) {
            contenders.iter_mut().zip(found).for_each(|(contender, round)| contender.add(round));
        }
    }
    let [one, two] = [&contenders[0], &contenders[1]];
    for (contender, threads) in [(one, "one thread"), (two, "two threads")] {
        pool.line(format!("{}, {CONCURRENCY} at once, {threads}", load.name), " /s", Spread::of(&contender.speeds));
    }
    for (stage, times) in STAGES.iter().zip(&two.stages) {
        pool.milliseconds(format!("  processor time of a call with two threads: {stage}"), times);
    }
    let ratio = Spread::ratio(&two.speeds, &one.speeds);
    match load.aim {
        Some(aim) => pool.row(Row::more(format!("throughput, {}, two threads / one", load.name), "x", aim, ratio)),
        None => pool.line("  two threads / one".to_owned(), "x", ratio),
    }
    pool.note(format!("{}: {}", load.name, rounds.note()));
    for note in two.notes(one) {
        pool.note(note);
    }
    for contender in contenders {
        contender.host.stop().await?;
    }
    Ok(())
}

async fn start(files: &Files, app: &Path, threads: usize) -> Result<Contender> {
    let settings = [("BLUECRAB_THREADS", &*threads.to_string())];
    let host = Host::start_with(&files.bluecrab, app, &settings, Stdio::inherit()).await?;
    let client = Client::new(&host.url);
    let processes = Processes { host: host.process()?, worker: client.worker_process().await?, threads };
    Ok(Contender { host, client, processes, speeds: Vec::new(), stages: [const { Vec::new() }; STAGES.len()] })
}

impl Contender {
    async fn round(&self, load: &Load<'_>, time: Duration) -> Result<Round> {
        let (at_start, before) = (reading(), Stages::now(self.processes)?);
        let started = Instant::now();
        let speed = self.client.saturate_with(load.function, Some(&load.body), load.headers, CONCURRENCY, time).await?;
        let calls = speed * started.elapsed().as_secs_f64();
        let measured = before.zip(Stages::now(self.processes)?);
        let stages = measured.map(|(before, after)| after.since(before, calls));
        Ok(Round { speed, stages, disturbed: is_disturbed(at_start) })
    }

    fn add(&mut self, round: Round) {
        self.speeds.push(round.speed);
        for (times, time) in self.stages.iter_mut().zip(round.stages.into_iter().flatten()) {
            times.push(time);
        }
    }

    /// What bounds the calls per second: no stage can do more, nor all of them together on these processors.
    fn notes(&self, one: &Self) -> Vec<String> {
        let medians: Vec<f64> =
            self.stages.iter().filter_map(|times| Spread::of(times)).map(|spread| spread.median).collect();
        let &[client, host, event_loop, threads, helpers] = medians.as_slice() else { return Vec::new() };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let all = client + host + event_loop + threads + helpers;
        let bound = processors as f64 * 1000.0 / all;
        let gain = Spread::of(&one.speeds).map(|speed| bound / speed.median).unwrap_or_default();
        vec![
            format!(
                "Bounds with two threads: {:.0} /s by the worker threads, {:.0} /s by the event loop, and {bound:.0} /s \
                 by the {processors} processors,",
                2000.0 / threads,
                1000.0 / event_loop,
            ),
            format!(
                "which client, host and worker share: {all:.1} ms of processor time a call, so {gain:.2}x one thread \
                 at most."
            ),
        ]
    }
}
