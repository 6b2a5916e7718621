//! Generated input for every parser of untrusted input, and for the metering of modules: `cargo xtask fuzz`.

mod build;
mod guest;
mod plan;
mod program;

use crate::command::root;
use crate::setup;
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use plan::{Plan, Run};
use std::path::{Path, PathBuf};

/// What to fuzz, and for how long.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask fuzz --target json --seconds 10")]
pub struct FuzzArgs {
    /// How many seconds to fuzz each target
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Fuzz only this target
    #[arg(long)]
    target: Option<Target>,
    /// Run only this input, which has failed before
    #[arg(long, requires = "target", value_name = "FILE")]
    input: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// Read matrices as JSON, and compare with serde_json
    Json,
    /// Read and print numbers, and compare with the standard library and ryu-js
    Number,
    /// Multiply matrices, and compare with the sum that defines the product
    Product,
    /// Read matrices in NumPy's format
    Npy,
    /// Read heads of requests and responses, and run the extractors
    Head,
    /// Read JSON as values of many types, and compare with serde_json
    Values,
    /// Run generated modules, and compare them with their metered copies
    Meter,
    /// Run the runtime library with a module that lies to it
    Guest,
}

impl Target {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// Fuzzes one target after the other, and fails if a target failed.
pub fn run(arguments: &FuzzArgs) -> Result<()> {
    let targets = arguments.target.map_or_else(|| Target::value_variants().to_vec(), |target| vec![target]);
    let input = arguments.input.as_deref().map(std::path::absolute).transpose()?;
    let plan = Plan { seconds: arguments.seconds, input: input.as_deref() };
    setup::run()?;
    let programs = if targets == [Target::Guest] { None } else { Some(build::programs()?) };
    if targets.contains(&Target::Guest) {
        crate::build::npm_packages()?;
    }
    let mut failed = Vec::new();
    let mut table = Vec::new();
    for target in targets {
        let name = target.name();
        println!("── Fuzz {name}");
        let run = match &programs {
            Some(folder) if target != Target::Guest => program::run(folder, &name, &plan)?,
            _ => guest::run(&plan)?,
        };
        table.push(row(&name, &run));
        if let Some(failure) = run.failure {
            print!("{}", failure.output);
            failed.push(sentence(&name, failure.input.as_deref().or(input.as_deref())));
        }
    }
    println!("\n{:<8} {:>12} {:>10}", "target", "executions", "a second");
    table.iter().for_each(|row| println!("{row}"));
    if !failed.is_empty() {
        bail!("{}", failed.join("\n"));
    }
    Ok(())
}

fn row(name: &str, run: &Run) -> String {
    let rate = run.executions as f64 / run.seconds.max(0.001);
    let failed = if run.failure.is_some() { "  failed" } else { "" };
    format!("{name:<8} {:>12} {rate:>10.0}{failed}", run.executions)
}

fn sentence(name: &str, input: Option<&Path>) -> String {
    let Some(input) = input else { return format!("{name} failed without an input, see above") };
    let path = input.strip_prefix(root()).unwrap_or(input).display();
    format!(
        "{name} fails on {path}: run it again with `cargo xtask fuzz --target {name} --input {path}`, and move it to \
         fuzz/seeds/{name} when it is mended"
    )
}
