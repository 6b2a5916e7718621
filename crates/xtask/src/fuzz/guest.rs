//! The property test of `npm/bluecrab` that plays a hostile guest, for longer than `npm test` runs it.

use super::plan::{Failure, Plan, Run, folder};
use crate::command::program;
use anyhow::{Context, Result};
use std::time::Instant;

const TEST: &str = "npm/bluecrab/test/module/hostile.test.mjs";
/// The text before the number in the line that the test prints.
const CALLS: &str = "calls of a hostile guest: ";

/// Runs the test, and reads what it says.
pub fn run(plan: &Plan<'_>) -> Result<Run> {
    let mut test = program("node", &[TEST]);
    test.env("BLUECRAB_FUZZ_ARTIFACTS", folder("artifacts", "guest")?);
    match plan.input {
        Some(input) => test.env("BLUECRAB_FUZZ_INPUT", input),
        None => test.env("BLUECRAB_FUZZ_SECONDS", plan.seconds.to_string()),
    };
    let start = Instant::now();
    let output = test.output().with_context(|| format!("cannot start Node.js for {TEST}"))?;
    let seconds = start.elapsed().as_secs_f64();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    let calls = text.lines().find_map(|line| line.split_once(CALLS)?.1.trim().parse().ok());
    let failure = (!output.status.success()).then(|| Failure::of(text));
    Ok(Run { executions: calls.unwrap_or(0), seconds, failure })
}
