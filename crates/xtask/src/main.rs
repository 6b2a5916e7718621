//! The repository's own commands: `cargo xtask demo`, `test`, `build`, and those that measure, compare, soak and fuzz.

mod app;
mod bench;
mod benchmarks;
mod build;
mod command;
mod demo;
mod files;
mod fuzz;
mod guests;
mod jobs;
mod locks;
mod node;
mod setup;
mod soak;
mod test;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Build, show and test Bluecrab. Every command installs what it needs first.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = "Example:\n    cargo xtask demo")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Build everything, start the matrix app, run the experiment of 2019 again, and keep serving
    Demo(demo::Options),
    /// Check formatting and lints, and run every test there is
    Test(test::Options),
    /// Feed made-up input to everything that reads a stranger's bytes
    Fuzz(fuzz::Options),
    /// Build the functions in C, Zig, AssemblyScript and Go, check and compare them, and serve them
    Guests(guests::Options),
    /// Measure the flagship, its peers and the suite of jobs over HTTP; writes reports and docs/benchmarks.md
    Bench(benchmarks::Options),
    /// Measure the product beside its peers: every figure, aim and stage
    BenchMatrix(bench::Options),
    /// Measure the pool of worker threads: the event loop under load, two threads against one, a thread against none
    BenchPool(bench::PoolOptions),
    /// Send good, bad and failing requests for minutes: every answer is compared, nothing may be left behind
    Soak(soak::Options),
    /// Compare products and numbers with those of Math.js and JavaScript, generated from a seed
    Equality(bench::EqualityOptions),
    /// Build everything, the matrix app into apps/matrix/dist
    #[command(after_help = "Example:\n    cargo xtask build && target/tools/bluecrab dev apps/matrix/dist")]
    Build,
}

fn main() -> std::process::ExitCode {
    match run(Arguments::parse().verb) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> Result<()> {
    match verb {
        Verb::Demo(options) => demo::run(options),
        Verb::Test(options) => test::run_all(&options),
        Verb::Fuzz(options) => fuzz::run(&options),
        Verb::Guests(options) => guests::run(&options),
        Verb::Bench(options) => benchmarks::run(&options),
        Verb::BenchMatrix(options) => bench::run(&options),
        Verb::BenchPool(options) => bench::pool(&options),
        Verb::Soak(options) => soak::run(&options),
        Verb::Equality(options) => bench::equality(&options),
        Verb::Build => {
            setup::run()?;
            build::run().map(|_| ())
        }
    }
}
