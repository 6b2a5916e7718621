//! The repository's own commands: `cargo xtask build`, `test`, `bench`, `demo`, `fuzz`, `release`, `site`, `lint` and
//! `codegen`.

mod app;
mod bench;
mod build;
mod codegen;
mod command;
mod demo;
#[cfg(test)]
mod docs;
mod documented;
mod files;
mod fuzz;
mod guests;
mod lint;
mod locks;
mod node;
mod release;
mod setup;
mod site;
mod test;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Build, show, test and measure Bluecrab. Every command installs what it needs first.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = "Example:\n    cargo xtask demo")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Build everything that apps need, and the matrix app into apps/matrix/dist
    #[command(after_help = "Example:\n    cargo xtask build && target/tools/bluecrab dev apps/matrix/dist")]
    Build,
    /// Run the lints and the tests
    Test(test::TestArgs),
    /// Measure, and write the figures of README and docs
    Bench(bench::BenchArgs),
    /// Compare Rust with Math.js over HTTP, as the experiment of 2019 did, and keep serving the matrix app
    Demo(demo::DemoArgs),
    /// Feed generated input to every parser of untrusted input, and to the metering of modules
    Fuzz(fuzz::FuzzArgs),
    /// Make the crates and npm packages of a release in target/dist, and publish nothing
    Release(release::ReleaseArgs),
    /// Build the documentation as a site in target/site, and check its links
    #[command(after_help = "Example:\n    cargo xtask site")]
    Site,
    /// Check formatting, lints and types
    #[command(after_help = "Example:\n    cargo xtask lint")]
    Lint,
    /// Write the generated parts of README and docs from bench/results
    Codegen(codegen::CodegenArgs),
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
        Verb::Build => {
            setup::run()?;
            build::run().map(|_| ())
        }
        Verb::Test(arguments) => test::run(&arguments),
        Verb::Bench(arguments) => bench::run(&arguments),
        Verb::Demo(arguments) => demo::run(&arguments),
        Verb::Fuzz(arguments) => fuzz::run(&arguments),
        Verb::Release(arguments) => release::run(&arguments),
        Verb::Site => site::build(),
        Verb::Lint => {
            setup::run()?;
            lint::run()
        }
        Verb::Codegen(arguments) => codegen::run(&arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn every_verb_has_an_example() {
        let command = Arguments::command();
        command.clone().debug_assert();
        for verb in command.get_subcommands() {
            let name = verb.get_name();
            let help = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.starts_with(&format!("Example:\n    cargo xtask {name}")), "{name}: {help}");
        }
    }
}
