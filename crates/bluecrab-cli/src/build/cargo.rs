//! Builds modules with cargo.

use crate::crates::folder_of;
use crate::origin;
use crate::tools;
use anyhow::{Context, Result, bail};
use cargo_metadata::{ArtifactDebuginfo, Message, Package};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The compilation target of every module.
pub const WASM_TARGET: &str = "wasm32-wasip1";

/// Returns whether the toolchain of a crate has the compilation target.
pub fn has_target(folder: &Path) -> Result<bool> {
    // The folder of a crate decides which toolchain is used.
    let mut ask = tools::program("RUSTC", "rustc", &["--print", "target-libdir", "--target", WASM_TARGET]);
    ask.current_dir(folder);
    Ok(Path::new(tools::output(ask)?.trim()).is_dir())
}

/// Adds the compilation target to the toolchain of a crate, if it is missing.
pub fn install_target(folder: &Path) -> Result<()> {
    if has_target(folder)? {
        return Ok(());
    }
    let mut add = Command::new("rustup");
    add.args(["target", "add", WASM_TARGET]).current_dir(folder);
    tools::run_silently(&mut add).with_context(|| {
        format!(
            "the Rust target {WASM_TARGET} is not installed and could not be added: run \
             `rustup target add {WASM_TARGET}`, or install it with your system's package manager"
        )
    })
}

/// Leaves names and debug information in the module. `strip` of `names.rs` removes what is not wanted.
const UNSTRIPPED: &str = r#"profile.release.strip="none""#;

/// A module in cargo's target folder.
pub struct BuiltModule {
    pub file: PathBuf,
    /// Whether the profile asks for debug information. The standard library always has some.
    pub has_debug_info: bool,
}

/// What a debugger needs, even if the development profile says otherwise.
const DEBUGGABLE: [&str; 4] = ["--config", r#"profile.dev.debug="full""#, "--config", r#"profile.dev.strip="none""#];

/// Builds only the library of a package, because its programs may be native.
pub fn build_module(package: &Package) -> Result<BuiltModule> {
    let flags = flags(&folder_of(package))?;
    build_library(package, &["--release", "--config", UNSTRIPPED, "--config", &flags])
}

/// Builds a module for a debugger, in the development profile. Its debug information has the paths of this machine, by
/// which a debugger finds the sources.
pub fn build_for_debugger(package: &Package) -> Result<BuiltModule> {
    build_library(package, &DEBUGGABLE)
}

/// Builds a module that can also describe its functions. Nobody serves it, so it is not optimised.
pub fn build_description(package: &Package) -> Result<PathBuf> {
    let flags = flags(&folder_of(package))?;
    // The package may use the crate under another name.
    let dependency = package.dependencies.iter().find(|needed| needed.name == "bluecrab");
    let name = dependency.and_then(|needed| needed.rename.as_deref()).unwrap_or("bluecrab");
    let feature = format!("{name}/schemas");
    Ok(build_library(package, &["--features", &feature, "--config", &flags])?.file)
}

fn build_library(package: &Package, options: &[&str]) -> Result<BuiltModule> {
    let folder = folder_of(package);
    let mut build = tools::cargo(&["build", "--lib", "--target", WASM_TARGET]);
    build.args(options).args(["--message-format=json-render-diagnostics", "--package", &package.id.repr]);
    // Cargo reads `.cargo/config.toml` in the folder in which it runs.
    build.current_dir(&folder);
    let output = tools::run(build.stdout(Stdio::piped()))?;
    let mut module = None;
    for message in Message::parse_stream(&*output.stdout) {
        if let Message::CompilerArtifact(artifact) = message.context("cannot read what cargo prints")?
            && artifact.package_id == package.id
        {
            let has_debug_info = !matches!(artifact.profile.debuginfo, ArtifactDebuginfo::None);
            let mut files = artifact.filenames.into_iter();
            let file = files.find(|file| file.extension() == Some("wasm"));
            module = file.map(|file| BuiltModule { file: file.into_std_path_buf(), has_debug_info });
        }
    }
    if !output.status.success() {
        bail!("cargo could not build {}; see its error above", folder.display());
    }
    module.with_context(|| format!("cargo made no module from {}", folder.display()))
}

/// Removes the paths of this machine from the module, which would otherwise appear in panic messages. Cargo adds these
/// flags to those for the target in `.cargo/config.toml`, but then ignores the flags in `[build]`, so they are passed
/// here too.
fn flags(folder: &Path) -> Result<String> {
    let config = fs::read_to_string(folder.join(".cargo/config.toml")).unwrap_or_default();
    let mut flags = flags_of_build(&config);
    if let Some(home) = std::env::home_dir().filter(|home| home.components().count() > 1) {
        flags.push(format!("--remap-path-prefix={}=~", home.display()));
    }
    // The last matching prefix wins; the checkout may be inside the home folder.
    flags.extend(origin::own_checkout().map(|root| format!("--remap-path-prefix={}=bluecrab", root.display())));
    Ok(format!("target.{WASM_TARGET}.rustflags={}", serde_json::to_string(&flags)?))
}

/// Returns the flags in `[build]` of a cargo configuration, unless the target has its own flags. Returns no flags if
/// the configuration is invalid: cargo reports that.
fn flags_of_build(config: &str) -> Vec<String> {
    let config: toml::Table = toml::from_str(config).unwrap_or_default();
    let flags_at = |table: Option<&toml::Value>| table.and_then(|table| table.get("rustflags")).cloned();
    if flags_at(config.get("target").and_then(|targets| targets.get(WASM_TARGET))).is_some() {
        return Vec::new();
    }
    match flags_at(config.get("build")) {
        Some(toml::Value::String(flags)) => flags.split_whitespace().map(str::to_owned).collect(),
        Some(toml::Value::Array(flags)) => flags.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_the_flags_of_build_unless_the_target_has_flags() {
        assert_eq!(flags_of_build("[build]\nrustflags = [\"-C\", \"debuginfo=1\"]"), ["-C", "debuginfo=1"]);
        assert_eq!(flags_of_build("build.rustflags = \"-C  debuginfo=1\""), ["-C", "debuginfo=1"]);
        let none: [&str; 0] = [];
        assert_eq!(flags_of_build("build.rustflags = \"-g\"\ntarget.wasm32-wasip1.rustflags = [\"-O\"]"), none);
        assert_eq!(flags_of_build("[build"), none);
    }
}
