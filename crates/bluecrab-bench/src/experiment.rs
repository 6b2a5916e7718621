//! The experiment of 2019, again: its steps in their order.

use crate::client::Client;
use crate::report::{Report, Sized};
use crate::samples::Samples;
use crate::{agreement, fresh};
use anyhow::Result;
use bluecrab_compare::matrices;
use bytes::Bytes;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::time::Duration;

/// The multiplications, the baseline first.
pub const MULTIPLICATIONS: [&str; 3] = ["multiply-mathjs", "multiply-ndarray", "multiply-rust"];
/// The empty functions.
pub const HELLOS: [&str; 2] = ["hello-node", "hello-rust"];
/// The sizes of the square matrices, as in 2019.
pub const SIZES: [usize; 2] = [2, 300];

const TOLERANCE: f64 = 1e-12;
const CONCURRENCY: usize = 8;
const CALLS_OF_A_FRESH_WORKER: usize = 20;

/// What the experiment is run with.
pub struct Options {
    /// The flagship app, built.
    pub app: PathBuf,
    /// The `bluecrab` command, for workers of the experiment's own.
    pub bluecrab: PathBuf,
    /// Where the app is served: `http://NAME:PORT`.
    pub url: String,
    /// The seed of the matrices.
    pub seed: u64,
}

/// Runs the experiment with a progress bar.
///
/// # Errors
/// Where a call fails, or answers that must agree differ.
pub async fn run(options: &Options) -> Result<Report> {
    let bar = progress_bar();
    let client = Client::new(&options.url);
    let mut sizes = Vec::new();
    for size in SIZES {
        let body = matrices::pair(size, options.seed);
        bar.set_message(format!("do the answers agree at {size}x{size}?"));
        let largest_difference = check_answers(&client, &body).await?;
        bar.inc(1);
        let latencies = measure_latency(&client, size, &body, &bar).await?;
        let throughput = measure_throughput(&client, size, &body, &bar).await?;
        sizes.push(Sized { size, latencies, throughput, largest_difference, request_bytes: body.len() });
    }
    let hellos = measure_hellos(&client, &bar).await?;
    let (small, large) = (matrices::pair(SIZES[0], options.seed), matrices::pair(SIZES[1], options.seed));
    let worker = |files: &'static [&'static str], function, first, then| {
        bar.set_message(format!("a fresh worker for {function}"));
        bar.inc(2);
        fresh::measure(&options.bluecrab, &options.app, files, function, first, then)
    };
    let calls = CALLS_OF_A_FRESH_WORKER;
    let idle = worker(&["hello-node", "rust"], "hello-node", None, None).await?;
    let fresh = vec![
        worker(&["multiply-mathjs"], "multiply-mathjs", Some(&small), Some((Some(&large), calls))).await?,
        worker(&["rust"], "multiply-ndarray", Some(&small), Some((Some(&large), calls))).await?,
        worker(&["rust"], "multiply-rust", Some(&small), Some((Some(&large), calls))).await?,
    ];
    bar.finish_and_clear();
    Ok(Report { sizes, hellos, idle, fresh, seed: options.seed, concurrency: CONCURRENCY, fresh_calls: calls })
}

fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}");
    let bar = ProgressBar::new(2 * (1 + 10 + 9) + 2 + 8);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// All functions answer the same; gives the largest relative difference of multiply-ndarray.
async fn check_answers(client: &Client, body: &Bytes) -> Result<f64> {
    let [baseline, ndarray, rust] = MULTIPLICATIONS;
    let (expected, _) = client.call(baseline, Some(body)).await?;
    let (answer, _) = client.call(rust, Some(body)).await?;
    agreement::same_bytes(rust, &answer, &expected)?;
    let (answer, _) = client.call(ndarray, Some(body)).await?;
    agreement::same_numbers(ndarray, &answer, &expected, TOLERANCE)
}

/// Every function in turn, round after round, so that a slow moment of the machine meets them all.
async fn measure_latency(client: &Client, size: usize, body: &Bytes, bar: &ProgressBar) -> Result<Vec<Samples>> {
    let (rounds, calls, warm_up) = if size < 100 { (20, 25, 100) } else { (20, 1, 3) };
    bar.set_message(format!("latency at {size}x{size}"));
    for function in MULTIPLICATIONS {
        for _ in 0..warm_up {
            client.call(function, Some(body)).await?;
        }
    }
    let mut samples = vec![Samples::default(); MULTIPLICATIONS.len()];
    for round in 0..rounds {
        for (function, samples) in MULTIPLICATIONS.iter().zip(&mut samples) {
            for _ in 0..calls {
                samples.push(client.call(function, Some(body)).await?.1);
            }
        }
        bar.inc(round % 2);
    }
    Ok(samples)
}

/// Calls per second, also in rounds; the mean of them.
async fn measure_throughput(client: &Client, size: usize, body: &Bytes, bar: &ProgressBar) -> Result<Vec<f64>> {
    const ROUNDS: usize = 3;
    let mut throughput = vec![0.0; MULTIPLICATIONS.len()];
    for _ in 0..ROUNDS {
        for (function, throughput) in MULTIPLICATIONS.into_iter().zip(&mut throughput) {
            bar.set_message(format!("{function} at {size}x{size}, {CONCURRENCY} at once"));
            let calls = client.saturate(function, Some(body), CONCURRENCY, Duration::from_secs(1)).await?;
            *throughput += calls / ROUNDS as f64;
            bar.inc(1);
        }
    }
    Ok(throughput)
}

async fn measure_hellos(client: &Client, bar: &ProgressBar) -> Result<Vec<Samples>> {
    bar.set_message("latency of the empty functions");
    let mut samples = vec![Samples::default(); HELLOS.len()];
    for round in 0..25 {
        for (function, samples) in HELLOS.iter().zip(&mut samples) {
            for _ in 0..25 {
                let (_, latency) = client.call(function, None).await?;
                // The first rounds are warm-up.
                if round >= 5 {
                    samples.push(latency);
                }
            }
        }
    }
    bar.inc(2);
    Ok(samples)
}
