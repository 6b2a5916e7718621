//! `bluecrab check`: does a module keep the ABI?

use anyhow::{Context, Result, bail};
use bluecrab_check::Outcome;
use clap::Args;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What to check.
#[derive(Args)]
#[command(after_help = "Example:\n    bluecrab check hello.wasm")]
pub struct Options {
    /// The module; a manifest beside it is read as NAME.functions.json
    #[arg(value_name = "MODULE.wasm")]
    module: PathBuf,
    /// Seconds that one call may take in the interpreter
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
}

/// Prints a line a rule; false where one is broken.
pub fn run(options: &Options) -> Result<bool> {
    let mut begin = [0; 4];
    let read = File::open(&options.module).and_then(|mut file| file.read_exact(&mut begin));
    if read.is_ok() && &begin != b"\0asm" {
        bail!("{} is no WebAssembly module: it does not begin as one", options.module.display());
    }
    let started = Instant::now();
    let limit = Duration::from_secs(options.timeout);
    let report = bluecrab_check::check(&options.module, limit, |line| say!("{line}"))
        .with_context(|| format!("cannot read {}", options.module.display()))?;
    let count = |outcome| report.lines().iter().filter(|line| line.outcome == outcome).count();
    let [passed, failed, skipped] = [Outcome::Pass, Outcome::Fail, Outcome::Skip].map(count);
    let seconds = started.elapsed().as_secs_f64();
    say!("{}: {passed} passed, {failed} failed, {skipped} skipped in {seconds:.1} s", options.module.display());
    Ok(!report.has_failed())
}
