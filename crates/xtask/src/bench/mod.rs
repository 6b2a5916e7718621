//! Figures and equality: `cargo xtask bench-matrix`, `cargo xtask bench-pool` and `cargo xtask equality`.

mod build;
mod equality;
mod pool;

pub use build::way_of_2019;
pub use equality::{Options as EqualityOptions, compare, run as equality};
pub use pool::{Options as PoolOptions, run as pool};

use crate::command::root;
use crate::{build as app_build, setup};
use anyhow::Result;
use bluecrab_bench::figures::{self, HttpFiles, NativeFiles, StagesFiles};
use clap::{Args, ValueEnum};
use std::path::Path;

/// What to measure.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask bench-matrix --only stages --sizes 2,300")]
pub struct Options {
    /// Fewer rounds: minutes instead of a quarter of an hour
    #[arg(long)]
    quick: bool,
    /// One part instead of all
    #[arg(long, value_name = "PART")]
    only: Option<Part>,
    /// Sides of the matrices of the stages, with commas between; all without it
    #[arg(long, value_delimiter = ',')]
    sizes: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The stages in one Node.js process, peers beside them
    Stages,
    /// Products without WebAssembly, against OpenBLAS
    Native,
    /// Calls through the local host
    Http,
}

/// Builds what is measured, measures it, and prints the tables.
pub fn run(options: &Options) -> Result<()> {
    setup::run()?;
    let built = app_build::run()?;
    let target = app_build::target_folder()?;
    let wanted = |part| options.only.is_none_or(|only| only == part);
    let plan = figures::Options {
        stages: wanted(Part::Stages).then(|| stages(&target, options)).transpose()?,
        native: wanted(Part::Native).then(|| native(&target)).transpose()?,
        http: wanted(Part::Http).then(|| http(&built, &target)).transpose()?,
        quick: options.quick,
        ..figures::Options::default()
    };
    let figures = tokio::runtime::Runtime::new()?.block_on(figures::run(&plan))?;
    println!("\n{figures}");
    Ok(())
}

fn stages(target: &Path, options: &Options) -> Result<StagesFiles> {
    let script = root().join("bench/stages/main.mjs");
    let (module, glue) = (build::matrix_module(target)?, build::way_of_2019(target)?);
    Ok(StagesFiles { script, module, glue, sizes: options.sizes.clone() })
}

fn native(target: &Path) -> Result<NativeFiles> {
    let script = root().join("bench/native/numpy_matmul.py");
    Ok(NativeFiles { program: build::matrix_program(target)?, script, environment: target.join("numpy") })
}

fn http(built: &app_build::Built, target: &Path) -> Result<HttpFiles> {
    Ok(HttpFiles {
        bluecrab: built.bluecrab.clone(),
        worker: root().join("npm/worker"),
        app: built.app.clone(),
        echo: build::echo_app(target)?,
        bare: root().join("bench/echo/bare.mjs"),
    })
}
