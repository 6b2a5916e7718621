//! The jobs of `apps/jobs`: their modules, their payloads, and whether both sides of each answer the same.

use crate::build::{Built, target_folder};
use crate::command::{cargo, npm, program, root, step};
use crate::files::copy;
use crate::setup::WASM_TARGET;
use anyhow::Result;
use std::path::PathBuf;

/// Each is a folder of `apps/jobs`.
pub const JOBS: [&str; 7] = ["markdown", "csv", "schema", "bcrypt", "gzip", "thumbnail", "montecarlo"];

/// Builds the module of every job into its app, and makes the payloads of `scenarios/jobs`.
///
/// The apps need the npm packages, which [`crate::build::run`] builds.
pub fn build() -> Result<()> {
    let packages = JOBS.map(|job| format!("--package=job-{job}"));
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    let target = format!("--target={WASM_TARGET}");
    step("Build the modules of the jobs", cargo(&[&["build", "--release", &target], &packages[..]].concat()))?;
    let modules = target_folder()?.join(WASM_TARGET).join("release");
    for job in JOBS {
        let (from, to) = (modules.join(format!("job_{job}.wasm")), app(job).join(format!("{job}.wasm")));
        copy(&from, &to)?;
    }
    step("Make the payloads of the jobs", program("node", &["apps/jobs/payloads.mjs"]))
}

/// Calls both sides of every job over HTTP, with good and with bad input.
pub fn test(built: &Built) -> Result<()> {
    build()?;
    let mut test = npm(&["test", "--workspace=apps/jobs"]);
    test.env("BLUECRAB", &built.bluecrab);
    step("Compare both sides of every job", test)
}

/// The app in Rust of a job.
fn app(job: &str) -> PathBuf {
    root().join("apps/jobs").join(job).join("rust")
}
