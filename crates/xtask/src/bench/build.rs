//! What only the benchmarks and the differential test need.

use crate::build::build_module;
use crate::command::{cargo, root, step};
use crate::files::copy;
use crate::setup::install_target;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The target that wasm-bindgen knows.
const BINDGEN_TARGET: &str = "wasm32-unknown-unknown";

/// The stages of a product as a module.
pub fn matrix_module(target: &Path) -> Result<PathBuf> {
    build_module("bench-matrix", target)
}

/// The stages of a product as a program.
pub fn matrix_program(target: &Path) -> Result<PathBuf> {
    step("Build the program bench-matrix", cargo(&["build", "--release", "--package=bench-matrix"]))?;
    Ok(target.join("release").join(format!("bench-matrix{}", std::env::consts::EXE_SUFFIX)))
}

/// The app that only moves bytes, in `bench/echo/dist`. It finds its packages in the folders above.
pub fn echo_app(target: &Path) -> Result<PathBuf> {
    let (sources, dist) = (root().join("bench/echo/app"), root().join("bench/echo/dist"));
    fs::create_dir_all(&dist).with_context(|| format!("cannot create {}", dist.display()))?;
    let files = ["functions.js", "host.json", "package.json"].map(|name| (sources.join(name), name));
    for (file, name) in files.into_iter().chain([(build_module("bench-echo", target)?, "echo.wasm")]) {
        copy(&file, &dist.join(name))?;
    }
    Ok(dist)
}

/// The product as it was called in 2019; gives the JavaScript that wasm-bindgen writes beside the module.
pub fn way_of_2019(target: &Path) -> Result<PathBuf> {
    install_target(BINDGEN_TARGET)?;
    let own_target = target.join("way-of-2019");
    let within = |arguments: &[&str]| {
        let mut command = cargo(arguments);
        command.current_dir(root().join("bench/way-of-2019")).env("CARGO_TARGET_DIR", &own_target);
        command
    };
    let module = ["build", "--release", "--locked", "--package=way-of-2019", "--target", BINDGEN_TARGET];
    step("Build the module of the 2019 way", within(&module))?;
    let module = own_target.join(BINDGEN_TARGET).join("release/way_of_2019.wasm");
    let folder = own_target.join("glue");
    let mut glue = within(&["run", "--quiet", "--profile=tools", "--locked", "--package=glue", "--"]);
    glue.args([&module, &folder]);
    step("Write its JavaScript", glue)?;
    Ok(folder.join("way_of_2019.js"))
}
