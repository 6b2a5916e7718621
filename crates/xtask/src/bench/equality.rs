//! The differential test: products from Math.js, from WebAssembly and natively, numbers as JavaScript has them.

use super::build;
use crate::command::{program, root, step};
use crate::{build as app_build, setup};
use anyhow::Result;
use clap::Args;
use std::path::Path;

/// How much to compare.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask equality --pairs 1000000")]
pub struct Options {
    /// How many pairs of operands
    #[arg(long, value_name = "NUMBER", default_value_t = 20_000)]
    pairs: u64,
    /// How many numbers, printed and read alone
    #[arg(long, value_name = "NUMBER", default_value_t = 200_000)]
    numbers: u64,
    /// The seed: the same one gives the same pairs and numbers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u32,
}

impl Options {
    /// What belongs to every test.
    pub const TEST: Self = Self { pairs: 20_000, numbers: 200_000, seed: 1 };
}

/// Builds both sides and compares them.
pub fn run(options: &Options) -> Result<()> {
    setup::run()?;
    let built = app_build::run()?;
    compare(&built.app, options)
}

/// Compares a built app with Math.js.
pub fn compare(app: &Path, options: &Options) -> Result<()> {
    let target = app_build::target_folder()?;
    let (module, native) = (build::matrix_module(&target)?, build::matrix_program(&target)?);
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    let mut command = program("node", &["--no-warnings"]);
    command.arg(root().join("bench/equality/main.mjs"));
    for (flag, path) in [("--app", app), ("--numbers-module", &module), ("--program", &native)] {
        command.arg(flag).arg(path);
    }
    let Options { pairs, numbers, seed } = options;
    let counts =
        [("--pairs", *pairs), ("--numbers", *numbers), ("--seed", u64::from(*seed)), ("--threads", threads as u64)];
    for (flag, value) in counts {
        command.arg(flag).arg(value.to_string());
    }
    step("Compare products and numbers with JavaScript's", command)
}
