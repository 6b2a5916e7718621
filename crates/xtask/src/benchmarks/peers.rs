//! What the peers need beside their sources: the module of the way of 2019 and the addon, each in its app's `dist`.

use crate::bench;
use crate::command::{cargo, root, step};
use anyhow::{Context, Result};
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};

/// Builds both.
pub fn build(target: &Path) -> Result<()> {
    let glue = bench::way_of_2019(target)?;
    let module = glue.with_file_name("way_of_2019_bg.wasm");
    put(&[(&glue, "way_of_2019.js"), (&module, "way_of_2019_bg.wasm")], "way-of-2019")?;
    put(&[(&addon(target)?, "matrix.node")], "napi")
}

/// Builds the addon; what cargo calls a dynamic library is one of Node.js's as it is.
fn addon(target: &Path) -> Result<PathBuf> {
    let own_target = target.join("peer-napi");
    let mut build = cargo(&["build", "--release", "--locked", "--manifest-path=bench/peers/napi/addon/Cargo.toml"]);
    build.env("CARGO_TARGET_DIR", &own_target);
    step("Build the addon", build)?;
    Ok(own_target.join("release").join(format!("{DLL_PREFIX}peer_napi{DLL_SUFFIX}")))
}

fn put(files: &[(&PathBuf, &str)], app: &str) -> Result<()> {
    let dist = root().join("bench/peers").join(app).join("dist");
    fs::create_dir_all(&dist).with_context(|| format!("cannot create {}", dist.display()))?;
    for (file, name) in files {
        fs::copy(file, dist.join(name)).with_context(|| format!("cannot copy {}", file.display()))?;
    }
    Ok(())
}
