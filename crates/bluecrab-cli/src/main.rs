//! The `bluecrab` command. Each verb has its own module.

/// Prints a line of the result. A reader such as `head` may close the pipe; the command then continues.
macro_rules! say {
    ($($line:tt)*) => {{
        use std::io::Write as _;
        match writeln!(std::io::stdout(), $($line)*) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => tell!("error: cannot print: {error}"),
            _ => {}
        }
    }};
}

/// Prints a progress or error message. If nobody can read it, it is dropped.
macro_rules! tell {
    ($($line:tt)*) => { bluecrab_host::tell(format!($($line)*)) };
}

mod add;
mod app;
mod azurite;
mod bench;
mod build;
mod cache;
mod certificate;
mod check;
mod client;
mod completions;
mod crates;
mod dev;
#[cfg(test)]
mod docs;
mod doctor;
mod interrupts;
mod invoke;
mod json;
mod library;
mod manifest;
mod member;
mod module;
mod new;
mod npm;
mod origin;
mod output;
mod package;
mod schemas;
mod size;
mod template;
mod tools;
mod undo;
mod watch;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;

/// Run the CPU-bound functions of an Azure Functions app as WebAssembly
#[derive(Parser)]
#[command(
    name = "bluecrab",
    version,
    after_help = "Example:\n    bluecrab new hello && cd hello && bluecrab dev --watch"
)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Create a new app with one function
    New(new::NewArgs),
    /// Add a crate with one function to a Node.js app
    Add(add::AddArgs),
    /// Run a function app on this machine
    Dev(dev::DevArgs),
    /// Call a function of a running `bluecrab dev`
    Invoke(invoke::InvokeArgs),
    /// Look for what keeps an app from being built, run or deployed
    Doctor(doctor::DoctorArgs),
    /// Build the modules of an app
    Build(build::BuildArgs),
    /// Pack an app into a zip file for deployment
    Package(package::PackageArgs),
    /// Measure functions and compare their speed
    Bench(bench::BenchArgs),
    /// Check that a WebAssembly module follows the ABI in docs/abi.md
    Check(check::CheckArgs),
    /// Write the types of an app's functions for TypeScript
    Types(schemas::TypesArgs),
    /// Write an OpenAPI 3.1 document of an app's HTTP functions
    Openapi(schemas::OpenApiArgs),
    /// Print a script that completes this command in a shell
    Completions(completions::CompletionsArgs),
}

fn main() -> ExitCode {
    let verb = Arguments::parse().verb;
    let serves = matches!(verb, Verb::Dev(_));
    let outcome = run(verb);
    let code = match (interrupts::finish(), outcome) {
        (None, Ok(code)) => code,
        // A server runs until it is told to end. npm would report any other code as an error.
        (Some(_), Ok(code)) if serves => code,
        (None, Err(error)) => {
            tell!("error: {error:#}");
            ExitCode::FAILURE
        }
        (Some(code), outcome) => {
            if outcome.is_err() {
                tell!("error: interrupted");
            }
            ExitCode::from(code)
        }
    };
    bluecrab_host::flush();
    code
}

fn run(verb: Verb) -> Result<ExitCode> {
    // These make no files, so the system may end them at once.
    if !matches!(verb, Verb::Invoke(_) | Verb::Check(_) | Verb::Completions(_)) {
        interrupts::listen()?;
    }
    match verb {
        Verb::New(arguments) => new::run(&arguments).map(|()| ExitCode::SUCCESS),
        Verb::Add(arguments) => add::run(&arguments).map(|()| ExitCode::SUCCESS),
        Verb::Dev(arguments) => dev::run(&arguments).map(|()| ExitCode::SUCCESS),
        Verb::Invoke(arguments) => invoke::run(&arguments),
        Verb::Doctor(arguments) => doctor::run(&arguments),
        Verb::Build(arguments) => build::run(&arguments).map(|()| ExitCode::SUCCESS),
        Verb::Package(arguments) => package::run(&arguments).map(|()| ExitCode::SUCCESS),
        Verb::Types(arguments) => schemas::types(&arguments).map(|()| ExitCode::SUCCESS),
        Verb::Openapi(arguments) => schemas::openapi(&arguments).map(|()| ExitCode::SUCCESS),
        Verb::Completions(arguments) => {
            completions::run(&arguments, Arguments::command());
            Ok(ExitCode::SUCCESS)
        }
        Verb::Bench(arguments) => bench::run(&arguments),
        Verb::Check(arguments) => {
            check::run(&arguments).map(|passed| if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}
