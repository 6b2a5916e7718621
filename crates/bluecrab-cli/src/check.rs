//! `bluecrab check`: does a module keep the ABI?

use anyhow::{Context, Result};
use clap::Args;
use std::path::PathBuf;

/// What to check.
#[derive(Args)]
pub struct Options {
    /// The module; a manifest beside it is read as NAME.functions.json
    #[arg(value_name = "MODULE.wasm")]
    module: PathBuf,
}

/// Prints a line a rule; false where one is broken.
pub fn run(options: &Options) -> Result<bool> {
    let report = bluecrab_check::check(&options.module, |line| println!("{line}"))
        .with_context(|| format!("cannot read {}", options.module.display()))?;
    Ok(!report.has_failed())
}
