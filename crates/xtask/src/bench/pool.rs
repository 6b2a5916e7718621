//! The pool of worker threads: `cargo xtask bench-pool`.

use super::build::echo_app;
use crate::{build, setup};
use anyhow::Result;
use bluecrab_bench::figures::{self, PoolFiles};
use clap::Args;

/// How to measure.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask bench-pool --quick")]
pub struct Options {
    /// Fewer rounds: minutes instead of a quarter of an hour
    #[arg(long)]
    quick: bool,
}

/// Builds the app, measures, and prints the table.
pub fn run(options: &Options) -> Result<()> {
    setup::run()?;
    let built = build::run()?;
    let echo = echo_app(&build::target_folder()?)?;
    let files = PoolFiles { bluecrab: built.bluecrab, app: built.app, echo };
    let plan = figures::Options { pool: Some(files), quick: options.quick, ..figures::Options::default() };
    let figures = tokio::runtime::Runtime::new()?.block_on(figures::run(&plan))?;
    println!("\n{figures}");
    Ok(())
}
