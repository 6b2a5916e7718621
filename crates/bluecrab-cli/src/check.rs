//! `bluecrab check`: checks that a module follows the ABI.

use crate::tools;
use anyhow::{Context, Result, bail};
use bluecrab_check::Outcome;
use clap::Args;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// The arguments of `bluecrab check`.
#[derive(Args)]
#[command(after_help = "Example:\n    bluecrab check hello.wasm")]
pub struct CheckArgs {
    /// The module; NAME.functions.json next to it is read as its manifest
    #[arg(value_name = "MODULE.wasm")]
    module: PathBuf,
    /// Time limit for each call in the interpreter
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// Do not start another process for the check
    #[arg(long, hide = true)]
    in_this_process: bool,
}

/// Checks the module in another process, because a fault of the interpreter would end this one without a word. Returns
/// false if the module breaks a rule.
pub fn run(arguments: &CheckArgs) -> Result<bool> {
    if arguments.in_this_process {
        return check(arguments);
    }
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let mut command = Command::new(program);
    command.args(["check", "--in-this-process", "--timeout", &arguments.timeout.to_string(), "--"]);
    let status = tools::run(command.arg(&arguments.module))?.status;
    match status.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => bail!(
            "the interpreter that runs {} for the check has failed ({status}). This is a fault of `bluecrab check`, and \
             says nothing about the module: please report it together with the module",
            arguments.module.display()
        ),
    }
}

/// Prints a line for each rule.
fn check(arguments: &CheckArgs) -> Result<bool> {
    let mut begin = [0; 4];
    let read = File::open(&arguments.module).and_then(|mut file| file.read_exact(&mut begin));
    if read.is_ok() && &begin != b"\0asm" {
        bail!("{} is not a WebAssembly module", arguments.module.display());
    }
    let started = Instant::now();
    let limit = Duration::from_secs(arguments.timeout);
    let report = bluecrab_check::check(&arguments.module, limit, |line| say!("{line}"))
        .with_context(|| format!("cannot read {}", arguments.module.display()))?;
    let count = |outcome| report.lines().iter().filter(|line| line.outcome == outcome).count();
    let [passed, failed, skipped] = [Outcome::Pass, Outcome::Fail, Outcome::Skip].map(count);
    let seconds = started.elapsed().as_secs_f64();
    say!("{}: {passed} passed, {failed} failed, {skipped} skipped in {seconds:.1} s", arguments.module.display());
    Ok(!report.has_failed())
}
