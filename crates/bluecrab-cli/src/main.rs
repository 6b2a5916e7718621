//! The `bluecrab` command: one module per verb.

/// Prints a line of the result. Whoever reads may have had enough, as `head` has: the command goes on.
macro_rules! say {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        match writeln!(std::io::stdout(), $($line)*) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => tell!("error: cannot print: {error}"),
            _ => {}
        }
    }};
}

/// Prints a line of what is done or wrong; it is lost where nobody reads it.
macro_rules! tell {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        drop(writeln!(std::io::stderr(), $($line)*));
    }};
}

mod add;
mod app;
mod archive;
mod bench;
mod binaries;
mod build;
mod cargo;
mod check;
mod checkout;
mod crates;
mod dev;
#[cfg(test)]
mod docs;
mod files;
mod ignored;
mod interrupts;
mod manifest;
mod member;
mod name;
mod new;
mod npm;
mod output;
mod package;
mod production;
mod size;
mod template;
mod tools;
mod undo;
mod watch;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// CPU-bound Azure Functions in Rust, on the Node.js runtime
#[derive(Parser)]
#[command(version, after_help = "Example:\n    bluecrab new hello && cd hello && bluecrab dev --watch")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make the folder of a new app with one function in Rust
    New(new::NewArgs),
    /// Add a crate with one function to a Node.js app
    Add(add::AddArgs),
    /// Run a function app on this machine
    Dev(dev::Options),
    /// Build an app's modules from its crates
    Build(build::BuildArgs),
    /// Pack an app into a zip that can be deployed
    Package(package::PackageArgs),
    /// Measure functions side by side, and say what differs
    Bench(bench::Options),
    /// Check that a WebAssembly module keeps the ABI of docs/abi.md
    Check(check::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().verb {
        Verb::New(options) => new::run(&options).map(|()| ExitCode::SUCCESS),
        Verb::Add(options) => add::run(&options).map(|()| ExitCode::SUCCESS),
        Verb::Dev(options) => dev::run(&options).map(|()| ExitCode::SUCCESS),
        Verb::Build(options) => build::run(&options).map(|()| ExitCode::SUCCESS),
        Verb::Package(options) => package::run(&options).map(|()| ExitCode::SUCCESS),
        Verb::Bench(options) => bench::run(&options),
        Verb::Check(options) => {
            check::run(&options).map(|passed| if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            tell!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
