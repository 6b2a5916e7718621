//! Builds the guest that is a standard component: cargo compiles it for WASI 0.2, and jco translates it to JavaScript.

use crate::command::{cargo, npm, program, root, step};
use crate::setup::install_target;
use anyhow::Result;
use std::path::{Path, PathBuf};

const TARGET: &str = "wasm32-wasip2";

fn package() -> PathBuf {
    root().join("guests/component")
}

/// Installs what the build needs if it is missing.
pub fn install_tools() -> Result<()> {
    install_target(TARGET)?;
    if package().join("node_modules/@bytecodealliance/jco-transpile").exists() {
        return Ok(());
    }
    let prefix = format!("--prefix={}", package().display());
    step("Install jco", npm(&["ci", &prefix, "--no-audit", "--no-fund", "--loglevel=error"]))
}

/// Builds the component into the folder `component` next to the modules.
pub fn build(folder: &Path, modules: &Path) -> Result<()> {
    let target_folder = folder.join("component-target");
    let mut build = cargo(&["build", "--release", "--locked", "--target", TARGET, "--target-dir"]);
    build.arg(&target_folder).current_dir(package()).env("RUSTFLAGS", "-Ctarget-feature=+simd128");
    step("Build the guest that is a component", build)?;
    let component = target_folder.join(TARGET).join("release/component.wasm");
    let mut transpile = program("node", &["guests/component/transpile.mjs"]);
    transpile.arg(component).arg(modules.join("component"));
    step("Make JavaScript of the component", transpile)
}
