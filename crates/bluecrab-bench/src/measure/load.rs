//! The load: callers that wait for each answer, or calls at fixed times.

use super::client::Call;
use super::verified_call::VerifiedCall;
use crate::results::Latencies;
use crate::scenario::Load;
use anyhow::Result;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// How long the calls took.
#[derive(Debug, Default)]
pub struct LoadResult {
    pub latencies: Latencies,
    /// From the first call to the last answer, in seconds.
    pub seconds: f64,
}

/// Makes calls for this time, and waits for the last answers. Callers that wait for answers make at least `fewest`
/// calls together.
pub async fn run(call: &Arc<VerifiedCall>, load: Load, time: Duration, fewest: usize) -> Result<LoadResult> {
    let started = Instant::now();
    let latencies = match load {
        Load::Closed(callers) => closed(call, callers, started, time, fewest).await?,
        Load::Open(rate) => open(call, rate, started, time).await?,
    };
    Ok(LoadResult { latencies, seconds: started.elapsed().as_secs_f64() })
}

/// The medians of two batches in a row may differ by this share.
const SETTLED: f64 = 0.05;
/// The warm-up ends after this many batches, settled or not.
const MOST_BATCHES: u32 = 6;

/// Calls until the median settles, and returns whether it has. The first batch of calls takes this time, each other
/// batch as long as all batches before it.
///
/// A short call gets faster over thousands of calls, while V8 compiles the functions that it passes through one by one.
/// If all batches had one length, two medians in a row would be about equal long before that ends.
pub async fn warm_up(call: &Arc<VerifiedCall>, load: Load, first: Duration) -> Result<bool> {
    settles(async |number| Ok(run(call, load, batch(first, number), 1).await?.latencies.median())).await
}

/// Makes batches until the median settles, and returns whether it has. `median_of` makes a batch.
async fn settles(mut median_of: impl AsyncFnMut(u32) -> Result<Option<f64>>) -> Result<bool> {
    let mut before: Option<f64> = None;
    for number in 0..MOST_BATCHES {
        let median = median_of(number).await?;
        if before.zip(median).is_some_and(|(before, now)| is_settled(before, now)) {
            return Ok(true);
        }
        before = median;
    }
    Ok(false)
}

fn batch(first: Duration, number: u32) -> Duration {
    first * (1 << number.saturating_sub(1))
}

fn is_settled(before: f64, now: f64) -> bool {
    (now / before - 1.0).abs() <= SETTLED
}

async fn closed(
    call: &Arc<VerifiedCall>,
    callers: usize,
    started: Instant,
    time: Duration,
    fewest: usize,
) -> Result<Latencies> {
    let fewest = fewest.div_ceil(callers) as u64;
    let mut running = JoinSet::new();
    for _ in 0..callers {
        let call = Arc::clone(call);
        running.spawn(async move {
            let mut latencies = Latencies::default();
            loop {
                latencies.record(call.send().await?.latency);
                if started.elapsed() >= time && latencies.calls() >= fewest {
                    break;
                }
            }
            anyhow::Ok(latencies)
        });
    }
    let mut all = Latencies::default();
    while let Some(latencies) = running.join_next().await {
        all.add(&latencies??);
    }
    Ok(all)
}

/// Calls begin at fixed times. The latency of a call that begins late includes its wait: there is no coordinated
/// omission (Gil Tene, "How NOT to Measure Latency").
async fn open(call: &Arc<VerifiedCall>, rate: f64, started: Instant, time: Duration) -> Result<Latencies> {
    let calls = (time.as_secs_f64() * rate).floor().max(1.0) as u64;
    let mut running = JoinSet::new();
    let mut begin = pace(calls, rate, started);
    while let Some(intended) = begin.recv().await {
        let call = Arc::clone(call);
        running.spawn(async move { anyhow::Ok(call.send_since(intended).await?.latency) });
    }
    let mut all = Latencies::default();
    while let Some(latency) = running.join_next().await {
        all.record(latency??);
    }
    Ok(all)
}

/// Sends a message at the moment of each call. It runs on a thread, which can sleep with a precision of 0.1 ms; tokio's
/// timer has a precision of 1 ms.
fn pace(calls: u64, rate: f64, started: Instant) -> mpsc::UnboundedReceiver<Instant> {
    let (begin, moments) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for call in 0..calls {
            let intended = started + Duration::from_secs_f64(call as f64 / rate);
            std::thread::sleep(intended.saturating_duration_since(Instant::now()));
            if begin.send(intended).is_err() {
                break;
            }
        }
    });
    moments
}

/// Calls the probe at fixed times until it is stopped. Like an open loop it counts the wait of every call.
pub async fn probe(call: Call, every: Duration, mut stop: oneshot::Receiver<()>) -> Result<Latencies> {
    let mut latencies = Latencies::default();
    let mut running = JoinSet::new();
    let mut begin = pace(u64::MAX, 1.0 / every.as_secs_f64(), Instant::now());
    loop {
        let intended = tokio::select! {
            _ = &mut stop => break,
            intended = begin.recv() => intended,
        };
        let (call, Some(intended)) = (call.clone(), intended) else { break };
        running.spawn(async move { call.send_since(intended).await });
    }
    while let Some(answer) = running.join_next().await {
        latencies.record(answer??.latency);
    }
    Ok(latencies)
}

#[cfg(test)]
mod tests;
