//! What a fresh worker costs: the time to its first answer, and its memory after many calls.

use super::Files;
use super::direct::Direct;
use crate::figures::measured::{Measured, milliseconds};
use crate::figures::row::Row;
use crate::figures::spread::Spread;
use crate::fresh;
use anyhow::Result;
use bluecrab_compare::matrices;
use bytes::Bytes;
use std::time::Duration;

const CALLS: usize = 200;
const MIB: f64 = 1_048_576.0;

/// Adds cold start and memory.
pub async fn measure(files: &Files, quick: bool, http: &mut Measured) -> Result<()> {
    cold_start(files, quick, http).await?;
    memory(files, quick, http).await
}

async fn cold_start(files: &Files, quick: bool, http: &mut Measured) -> Result<()> {
    let small = matrices::pair(2, 2019);
    let (mut rust, mut hello) = (Vec::new(), Vec::new());
    let rounds = if quick { 5 } else { 15 };
    // The first round warms the file cache.
    for round in 0..=rounds {
        eprintln!("cold start: round {round} of {rounds}");
        let times = [
            first_answer(files, "rust", "multiply-rust", Some(&small)).await?,
            first_answer(files, "hello-node", "hello-node", None).await?,
        ];
        if round > 0 {
            rust.push(milliseconds(times[0]));
            hello.push(milliseconds(times[1]));
        }
    }
    http.line("worker start to first answer, only the Rust function", " ms", Spread::of(&rust));
    http.line("worker start to first answer, only hello-node", " ms", Spread::of(&hello));
    let ratio = Spread::ratio(&rust, &hello);
    http.row(Row::less("cold start, only the Rust function / only hello-node", "x", [1.05, 1.15], ratio));
    Ok(())
}

/// From the start of the worker's process, on an app with this one file of functions.
async fn first_answer(files: &Files, file: &str, function: &str, body: Option<&Bytes>) -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    fresh::variant(&files.app, folder.path(), &[file])?;
    let worker = Direct::start(&files.worker, folder.path()).await?;
    worker.call(function, body).await?;
    Ok(worker.started.elapsed())
}

async fn memory(files: &Files, quick: bool, http: &mut Measured) -> Result<()> {
    let large = matrices::pair(300, 2019);
    let (mut rust, mut hello) = (Vec::new(), Vec::new());
    for round in 0..if quick { 1 } else { 3 } {
        eprintln!("memory after {CALLS} calls: round {}", round + 1);
        let worker = |file: &'static [&'static str], function, body| {
            fresh::measure(&files.bluecrab, &files.app, file, function, body, Some((body, CALLS)))
        };
        rust.push(worker(&["rust"], "multiply-rust", Some(&large)).await?.memory as f64 / MIB);
        hello.push(worker(&["hello-node"], "hello-node", None).await?.memory as f64 / MIB);
    }
    let after = format!("resident memory after {CALLS} calls");
    http.line(format!("{after} of multiply-rust at 300x300"), " MiB", Spread::of(&rust));
    http.line(format!("{after} of hello-node"), " MiB", Spread::of(&hello));
    let above = Spread::excess(&rust, &hello);
    http.row(Row::less(format!("{after} at 300, above hello-node"), " MiB", [30.0, 60.0], above));
    Ok(())
}
