//! Good, bad and failing requests for minutes: `cargo xtask soak`.

use crate::files::{copy, copy_folder, remove_folder};
use crate::{build, setup};
use anyhow::{Context, Result, bail, ensure};
use bluecrab_bench::soak::{self, Options as Soak};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How to soak.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask soak --minutes 0.5")]
pub struct Options {
    /// Minutes of traffic; fractions are allowed
    #[arg(long, value_name = "MINUTES", default_value_t = 5.0)]
    minutes: f64,
    /// Requests under way at once
    #[arg(long, value_name = "NUMBER", default_value_t = 8)]
    concurrency: usize,
    /// The seed: the same one draws the same requests
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

/// Builds the app with every fault in it and sends the traffic.
pub fn run(options: &Options) -> Result<()> {
    ensure!(options.minutes > 0.0 && options.concurrency > 0, "--minutes and --concurrency must be more than 0");
    setup::run()?;
    let built = build::run()?;
    let folder = build::target_folder()?.join("soak");
    let app = assemble(&built.app, &build::extractors()?, &folder)?;
    let soak = Soak {
        bluecrab: built.bluecrab,
        app,
        log: folder.join("host.log"),
        time: Duration::from_secs_f64(options.minutes * 60.0),
        concurrency: options.concurrency,
        seed: options.seed,
    };
    let report = tokio::runtime::Runtime::new()?.block_on(soak::run(&soak))?;
    println!("\n{report}");
    let faults = report.faults();
    if !faults.is_empty() {
        bail!("{}; the host's log is {}", faults.join("; "), soak.log.display());
    }
    Ok(())
}

const REGISTER: &str =
    "require('bluecrab').registerModule(require('node:path').join(__dirname, '..', 'extractors.wasm'));\n";

/// The flagship app, and the functions of a module that fails in every way.
fn assemble(flagship: &Path, module: &Path, folder: &Path) -> Result<PathBuf> {
    remove_folder(folder)?;
    let app = folder.join("app");
    copy_folder(flagship, &app)?;
    copy(module, &app.join("extractors.wasm"))?;
    fs::write(app.join("functions/extractors.js"), REGISTER).context("cannot write functions/extractors.js")?;
    Ok(app)
}
