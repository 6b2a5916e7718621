//! How long the event loop lets an empty function wait while multiplications keep the worker busy.

use super::{CONCURRENCY, Files, Rounds, SEED, is_disturbed, reading};
use crate::client::Client;
use crate::figures::measured::{Measured, milliseconds};
use crate::figures::row::Row;
use crate::figures::spread::Spread;
use crate::host::Host;
use crate::samples::Samples;
use anyhow::Result;
use bluecrab_compare::matrices;
use std::time::{Duration, Instant};

/// The empty function, called beside each of these.
const LOADS: [Option<&str>; 3] = [None, Some("multiply-rust"), Some("multiply-mathjs")];
/// Between two calls of the empty function.
const PAUSE: Duration = Duration::from_millis(2);

/// Adds the latency of `hello-node`, alone and beside an endless stream of 300x300 bodies.
pub async fn measure(files: &Files, quick: bool, pool: &mut Measured) -> Result<()> {
    let host = Host::start(&files.bluecrab, &files.app).await?;
    let client = Client::new(&host.url);
    let (wanted, time) = if quick { (5, Duration::from_secs(3)) } else { (11, Duration::from_secs(6)) };
    let mut rounds = Rounds::new("the event loop under load", wanted);
    let (mut medians, mut slowest) = ([const { Vec::new() }; 3], [const { Vec::new() }; 3]);
    while rounds.next() {
        let before = reading();
        let mut found = Vec::new();
        for load in LOADS {
            found.push(beside(&client, load, time).await?);
        }
        if rounds.counts(is_disturbed(before)) {
            for ((samples, medians), slowest) in found.iter().zip(&mut medians).zip(&mut slowest) {
                medians.push(milliseconds(samples.percentile(0.5)));
                slowest.push(milliseconds(samples.percentile(0.99)));
            }
        }
    }
    pool.note(rounds.note());
    for ((load, medians), slowest) in LOADS.into_iter().zip(&medians).zip(&slowest) {
        let beside =
            load.map_or_else(|| "alone".to_owned(), |load| format!("beside {CONCURRENCY} calls of {load} at 300"));
        pool.milliseconds(format!("hello-node {beside}, median"), medians);
        pool.milliseconds(format!("hello-node {beside}, p99"), slowest);
    }
    let [_, rust, mathjs] = &slowest;
    pool.row(Row::less("p99 of hello-node beside multiply-rust at 300", " ms", [25.0, 40.0], Spread::of(rust)));
    let ratio = Spread::ratio(mathjs, rust);
    pool.row(Row::more("the same, beside multiply-mathjs / multiply-rust", "x", [20.0, 10.0], ratio));
    host.stop().await
}

/// Calls `hello-node` for so long, one call after the other, while the load is on.
async fn beside(client: &Client, load: Option<&'static str>, time: Duration) -> Result<Samples> {
    let body = matrices::pair(300, SEED);
    let saturated = async {
        match load {
            Some(function) => client.saturate(function, Some(&body), CONCURRENCY, time).await.map(drop),
            None => Ok(()),
        }
    };
    let hello = async {
        // The load is to be there first.
        tokio::time::sleep(time / 10).await;
        let (started, mut samples) = (Instant::now(), Samples::default());
        while started.elapsed() < time * 8 / 10 {
            samples.push(client.call("hello-node", None).await?.1);
            tokio::time::sleep(PAUSE).await;
        }
        anyhow::Ok(samples)
    };
    let ((), samples) = tokio::try_join!(saturated, hello)?;
    Ok(samples)
}
