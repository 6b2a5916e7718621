//! Runs the program of one target.

use super::plan::{Failure, Plan, Run, folder};
use crate::command::root;
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Longer inputs reach no other code.
const MAX_BYTES: u32 = 4096;
/// An input that takes longer has failed.
const MAX_SECONDS: u32 = 10;
/// A program that uses more memory has failed. The sanitizer needs most of it.
const MAX_MEGABYTES: u32 = 2048;

/// Runs a target's program, and reads what it says.
pub fn run(programs: &Path, name: &str, plan: &Plan<'_>) -> Result<Run> {
    let program = programs.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(&program);
    command.current_dir(root()).arg(format!("-timeout={MAX_SECONDS}"));
    match plan.input {
        Some(input) => command.arg(input),
        None => fuzzing(&mut command, name, plan.seconds)?,
    };
    let start = Instant::now();
    let output = command.output().with_context(|| format!("cannot start {}", program.display()))?;
    let seconds = start.elapsed().as_secs_f64();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let executions = if plan.input.is_some() { 1 } else { executions(&text) };
    let failure = (!output.status.success()).then(|| Failure::of(end_of(&text)));
    Ok(Run { executions, seconds, failure })
}

/// The target folder keeps the inputs that earlier runs found, and the next run starts from them.
fn fuzzing<'a>(command: &'a mut Command, name: &str, seconds: u64) -> Result<&'a mut Command> {
    let fuzz = root().join("fuzz");
    command.arg(folder("corpus", name)?).arg(fuzz.join("seeds").join(name));
    command.arg(format!("-artifact_prefix={}/", folder("artifacts", name)?.display()));
    let dictionary = fuzz.join("dictionaries").join(name).with_extension("dict");
    if dictionary.is_file() {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    let limits = [format!("-max_len={MAX_BYTES}"), format!("-rss_limit_mb={MAX_MEGABYTES}")];
    Ok(command.args(limits).arg(format!("-max_total_time={seconds}")).arg("-print_final_stats=1"))
}

/// The statistics at the end have the number. After a failure, the last line of progress has it: `#123 NEW …`.
fn executions(text: &str) -> u64 {
    let last = |number: fn(&str) -> Option<&str>| text.lines().filter_map(number).next_back()?.parse().ok();
    let statistics = last(|line| line.strip_prefix("stat::number_of_executed_units:").map(str::trim));
    let progress = || last(|line| line.strip_prefix('#')?.split_whitespace().next());
    statistics.or_else(progress).unwrap_or(0)
}

/// Returns the text from the failure on, without the progress before it.
fn end_of(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.starts_with("INFO:"));
    lines.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: &str = "INFO: seed\n#2 INITED cov: 3\n#17\tNEW    cov: 5\nthread panicked\nSUMMARY: libFuzzer\n\
        artifact_prefix='/a/'; Test unit written to /a/crash-1\n";

    #[test]
    fn reads_what_libfuzzer_says() {
        assert_eq!(executions("#2 x\nstat::number_of_executed_units: 1234\nstat::average_exec_per_sec: 7\n"), 1234);
        assert_eq!(executions(FAILED), 17);
        let failure = Failure::of(end_of(FAILED));
        assert!(failure.output.starts_with("thread panicked\n"));
        assert_eq!(failure.input.as_deref(), Some(Path::new("/a/crash-1")));
    }
}
