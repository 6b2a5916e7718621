//! Packs the crates as crates.io takes them.

use super::stage::Stage;
use crate::build::target_folder;
use crate::command::{cargo, program, step};
use crate::files::{copy, empty_folder};
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Packs the crates into `dist/crates`.
pub fn pack(stage: &Stage, dist: &Path) -> Result<()> {
    let packed = target_folder()?.join("package");
    step("Pack the crates", stage.run(cargo(&["package", "--workspace", "--no-verify"]))?)?;
    let folder = dist.join("crates");
    empty_folder(&folder)?;
    for name in &stage.crates {
        let file = format!("{name}-{}.crate", stage.version);
        copy(&packed.join(&file), &folder.join(&file))?;
    }
    check(stage, dist)
}

/// Checks that each package compiles with the packages of the others. `cargo package` can do that too, but it compiles
/// the dependencies again for each crate, which has its own features.
fn check(stage: &Stage, dist: &Path) -> Result<()> {
    let folder = dist.join("unpacked");
    empty_folder(&folder)?;
    let (mut members, mut patches) = (Vec::new(), String::new());
    for name in &stage.crates {
        let package = format!("{name}-{}", stage.version);
        let mut unpack = program("tar", &["-xzf"]);
        unpack.arg(dist.join("crates").join(format!("{package}.crate"))).arg("-C").arg(&folder);
        step(&format!("Unpack {package}"), unpack)?;
        patches += &format!("{name} = {{ path = \"{package}\" }}\n");
        members.push(package);
    }
    // Cargo would look for the other crates on crates.io.
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n[patch.crates-io]\n{patches}");
    fs::write(folder.join("Cargo.toml"), manifest).context("cannot write a Cargo.toml for the packages")?;
    copy(&stage.folder.join("Cargo.lock"), &folder.join("Cargo.lock"))?;
    let mut check = cargo(&["check", "--workspace"]);
    check.current_dir(&folder).env("CARGO_TARGET_DIR", target_folder()?);
    step("Compile the crates from their packages", check)
}
