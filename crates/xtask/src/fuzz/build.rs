//! Builds libFuzzer's programs. Only the nightly toolchain can count branches and watch memory for it.

use crate::command::{output, program, step};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Stdio;

/// Tells libFuzzer which branches were taken and what was compared, as cargo-fuzz does.
const COVERAGE: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "-Ccodegen-units=1",
];
/// Ends a program that uses memory outside of its allocations.
const SANITIZER: &str = "-Zsanitizer=address";

/// Builds the programs and returns their folder.
pub fn programs() -> Result<PathBuf> {
    check_nightly()?;
    check_compiler()?;
    let version = output(nightly("rustc", &["--version", "--verbose"]))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let target = crate::build::target_folder()?.join("fuzz");
    let mut build = nightly("cargo", &["build", "--profile=fuzz", "--package=bluecrab-fuzz", "--features=libfuzzer"]);
    // If a target is named, the flags do not apply to build scripts and macros.
    build.arg("--target").arg(host).arg("--target-dir").arg(&target);
    build.env("RUSTFLAGS", [&COVERAGE[..], &[SANITIZER, "--cfg=fuzzing"]].concat().join(" "));
    step("Build the fuzz targets", build)?;
    Ok(target.join(host).join("fuzz"))
}

fn nightly(name: &str, arguments: &[&str]) -> std::process::Command {
    program("rustup", &[&["run", "nightly", name], arguments].concat())
}

fn check_nightly() -> Result<()> {
    let found = nightly("rustc", &["--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        bail!("the nightly toolchain is missing: install it with `rustup toolchain install nightly --profile minimal`");
    }
    Ok(())
}

/// libFuzzer comes as C++ source. On Windows the compiler is not in the PATH.
fn check_compiler() -> Result<()> {
    let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    let found = program(&compiler, &["--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if cfg!(unix) && !found.is_ok_and(|status| status.success()) {
        bail!("a C++ compiler is missing, which libFuzzer is built with: install g++ or clang, or name one in CXX");
    }
    Ok(())
}
