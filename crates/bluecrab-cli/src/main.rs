//! The `bluecrab` command: one module per verb.

mod bench;
mod check;
mod dev;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// CPU-bound Azure Functions in Rust, on the Node.js runtime
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Measure functions side by side, and say what differs
    Bench(bench::Options),
    /// Run a function app on this machine
    Dev(dev::Options),
    /// Check that a WebAssembly module keeps the ABI of docs/abi.md
    Check(check::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().verb {
        Verb::Bench(options) => bench::run(&options),
        Verb::Dev(options) => dev::run(options).map(|()| ExitCode::SUCCESS),
        Verb::Check(options) => {
            check::run(&options).map(|passed| if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
