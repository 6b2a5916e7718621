//! The steps of a build, in the order in which they run.

use crate::app;
use crate::command::{cargo, npm, root, step};
use crate::setup::WASM_TARGET;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// What a build gives.
pub struct Built {
    /// The `bluecrab` command.
    pub bluecrab: PathBuf,
    /// The flagship function app, ready to run or to be zipped.
    pub app: PathBuf,
}

/// Builds the npm packages, the command, the flagship's module and the flagship app.
pub fn run() -> Result<Built> {
    let target = target_folder()?;
    npm_packages()?;
    let bluecrab = build_command(&target)?;
    let module = build_module("matrix", &target)?;
    let relaxed_simd = build_relaxed_simd("matrix", &target)?;
    let app = app::assemble(&module, &relaxed_simd)?;
    Ok(Built { bluecrab, app })
}

/// Builds the runtime library and the worker.
pub fn npm_packages() -> Result<()> {
    let build = npm(&["run", "build", "--silent", "--workspace=npm/bluecrab", "--workspace=npm/worker"]);
    step("Build the runtime library and the worker", build)
}

fn build_command(target: &Path) -> Result<PathBuf> {
    step("Build the bluecrab command", cargo(&["build", "--profile=tools", "--package=bluecrab-cli"]))?;
    Ok(target.join("tools").join(format!("bluecrab{}", std::env::consts::EXE_SUFFIX)))
}

/// Builds the module that tests the crate `bluecrab` end to end.
pub fn extractors() -> Result<PathBuf> {
    build_module("extractors", &target_folder()?)
}

/// Builds the module of faulty functions.
pub fn faults() -> Result<PathBuf> {
    build_module("faults", &target_folder()?)
}

/// Builds a module; gives its file.
pub fn build_module(package: &str, target: &Path) -> Result<PathBuf> {
    compile(&format!("Build the module {package}"), package, target, &[])
}

/// The same module for runtimes with relaxed SIMD, in a target folder of its own: the flags are those of all crates.
fn build_relaxed_simd(package: &str, target: &Path) -> Result<PathBuf> {
    let flags = format!(r#"target.{WASM_TARGET}.rustflags=["-C","target-feature=+simd128,+relaxed-simd"]"#);
    let name = format!("Build the module {package} with relaxed SIMD");
    compile(&name, package, &target.join("relaxed-simd"), &["--config", &flags])
}

fn compile(name: &str, package: &str, target: &Path, flags: &[&str]) -> Result<PathBuf> {
    let mut build = cargo(&["build", "--release", "--lib", "--package", package, "--target", WASM_TARGET]);
    build.args(flags).arg("--target-dir").arg(target);
    step(name, build)?;
    let file = Path::new(&package.replace('-', "_")).with_extension("wasm");
    Ok(target.join(WASM_TARGET).join("release").join(file))
}

/// Where cargo builds: this program itself was built there, as `TARGET/PROFILE/xtask`.
pub fn target_folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("CARGO_TARGET_DIR") {
        return Ok(root().join(folder));
    }
    let program = std::env::current_exe()?;
    program.ancestors().nth(2).map(PathBuf::from).context("xtask runs outside cargo's target folder")
}
