//! The `bluecrab` command: one module per verb.

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
    /// Run a function app on this machine
    Dev(dev::Options),
    /// Check that a WebAssembly module keeps the ABI of docs/abi.md
    Check(check::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().verb {
        Verb::Dev(options) => dev::run(options).map(|()| true),
        Verb::Check(options) => check::run(&options),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
