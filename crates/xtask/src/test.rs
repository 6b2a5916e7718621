//! Every check there is, cheapest first: formatting, lints, then the tests of Rust, of TypeScript, and end to end.

use crate::command::{cargo, npm, step};
use crate::setup::WASM_TARGET;
use crate::{bench, build, jobs, locks, node, setup};
use anyhow::Result;
use clap::Args;

/// How to test.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask test --node 24")]
pub struct Options {
    /// Leave out formatting and lints
    #[arg(long)]
    no_lint: bool,
    /// Only what runs in Node.js, the tests of TypeScript and end to end, on this version of it: `--node 24`
    #[arg(long, value_name = "VERSION", value_parser = node_version)]
    node: Option<String>,
}

fn node_version(text: &str) -> Result<String, &'static str> {
    let is_version = text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if is_version { Ok(text.to_owned()) } else { Err("expected a version such as 24 or 22.12.0") }
}

/// Sets up, builds, and runs every check.
pub fn run_all(options: &Options) -> Result<()> {
    setup::run()?;
    if let Some(version) = &options.node {
        node::put_first(version)?;
        test_on_node(&build::run()?)?;
        println!("── every test passed on Node.js {version}");
        return Ok(());
    }
    if !options.no_lint {
        check_formatting()?;
        locks::check()?;
    }
    let built = build::run()?;
    if !options.no_lint {
        lint()?;
    }
    test_rust()?;
    test_on_node(&built)?;
    println!("── every check passed");
    Ok(())
}

fn test_on_node(built: &build::Built) -> Result<()> {
    test_npm_packages()?;
    test_extractors(built)?;
    test_faults(built)?;
    test_bundles(built)?;
    test_flagship(built)?;
    jobs::test(built)?;
    bench::compare(&built.app, &bench::EqualityOptions::TEST)
}

fn check_formatting() -> Result<()> {
    step("Check the formatting of Rust", cargo(&["fmt", "--all", "--check"]))?;
    let way_of_2019 = ["fmt", "--all", "--check", "--manifest-path=bench/way-of-2019/Cargo.toml"];
    step("Check the formatting of the 2019 way", cargo(&way_of_2019))?;
    let addon = ["fmt", "--check", "--manifest-path=bench/peers/napi/addon/Cargo.toml"];
    step("Check the formatting of the peers' addon", cargo(&addon))?;
    step("Check the formatting and lints of TypeScript", npm(&["exec", "--", "biome", "ci", "--error-on-warnings"]))
}

fn lint() -> Result<()> {
    let deny = ["--", "--deny=warnings"];
    step("Lint Rust", cargo(&[&["clippy", "--workspace", "--all-targets"], &deny[..]].concat()))?;
    let target = format!("--target={WASM_TARGET}");
    let modules =
        ["matrix", "extractors", "faults", "bench-matrix", "bench-echo"].map(|package| format!("--package={package}"));
    let jobs = jobs::JOBS.map(|job| format!("--package=job-{job}"));
    let modules: Vec<&str> = modules.iter().chain(&jobs).map(String::as_str).collect();
    step("Lint the modules", cargo(&[&["clippy", &target], &modules[..], &deny[..]].concat()))?;
    step("Check the types of TypeScript", npm(&["run", "check", "--workspaces", "--if-present", "--silent"]))
}

fn test_rust() -> Result<()> {
    step("Test Rust", cargo(&["test", "--workspace", "--quiet"]))
}

fn test_npm_packages() -> Result<()> {
    step("Test the npm packages", npm(&["test", "--workspace=npm/bluecrab", "--workspace=npm/worker"]))
}

/// What a function's author depends on, in a real module.
fn test_extractors(built: &build::Built) -> Result<()> {
    let module = build::extractors()?;
    let mut test = npm(&["test", "--prefix=apps/extractors"]);
    test.env("BLUECRAB", &built.bluecrab).env("EXTRACTORS_MODULE", module);
    step("Test the crate bluecrab end to end", test)
}

/// What each fault does, and that the next good request is answered right.
fn test_faults(built: &build::Built) -> Result<()> {
    let module = build::faults()?;
    let mut test = npm(&["test", "--prefix=apps/faults"]);
    test.env("BLUECRAB", &built.bluecrab).env("FAULTS_MODULE", module);
    step("Test every fault end to end", test)
}

/// An app as its authors bundle it, by several bundlers.
fn test_bundles(built: &build::Built) -> Result<()> {
    let module = build::faults()?;
    let mut test = npm(&["test", "--workspace=apps/bundled"]);
    test.env("BLUECRAB", &built.bluecrab).env("FAULTS_MODULE", module);
    step("Test bundled apps end to end", test)
}

/// Over HTTP, through the host, the worker and `@azure/functions`.
fn test_flagship(built: &build::Built) -> Result<()> {
    let mut test = npm(&["test", "--workspace=apps/matrix"]);
    test.env("BLUECRAB", &built.bluecrab).env("BLUECRAB_APP", &built.app);
    step("Test the flagship app end to end", test)
}
