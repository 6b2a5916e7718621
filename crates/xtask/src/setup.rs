//! Checks what only the user can install, and installs the rest.

use crate::command::{npm, output, program, root, step};
use anyhow::{Result, bail};
use std::process::Stdio;

/// The compilation target of every module.
pub const WASM_TARGET: &str = "wasm32-wasip1";

const OLDEST_NODE: u32 = 20;

/// Checks Node.js and npm; installs the WebAssembly target and the npm packages if they are missing.
pub fn run() -> Result<()> {
    check_node()?;
    check_npm()?;
    install_target(WASM_TARGET)?;
    install_packages("the npm packages", ".")
}

/// Installs the storage emulator if it is missing. Only some tests and measurements need its hundreds of packages.
pub fn install_azurite() -> Result<()> {
    install_packages("the storage emulator Azurite", "apps/azurite")
}

/// Installs the parts of an editor's debugger if they are missing. One test needs them.
pub fn install_debugger() -> Result<()> {
    install_packages("the parts of a debugger", "apps/debugger")
}

fn check_node() -> Result<()> {
    let Ok(version) = output(program("node", &["--version"])) else {
        bail!("Node.js is missing: install version 22 or 24 from https://nodejs.org and run this again");
    };
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node.js {version} is too old: install version 22 or 24 from https://nodejs.org");
    }
    Ok(())
}

fn check_npm() -> Result<()> {
    let found = npm(&["--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        bail!("npm is missing: it comes with Node.js from https://nodejs.org, or as the package `npm` of your system");
    }
    Ok(())
}

/// Installs a compilation target if it is missing.
pub fn install_target(target: &str) -> Result<()> {
    let library = output(program("rustc", &["--print", "target-libdir", "--target", target]))?;
    if std::path::Path::new(&library).is_dir() {
        return Ok(());
    }
    step(&format!("Install Rust's target {target}"), program("rustup", &["target", "add", target]))
}

/// npm records what it installed in `node_modules/.package-lock.json`. If that file is newer than the lock file, all
/// packages are up to date.
pub fn install_packages(what: &str, folder: &str) -> Result<()> {
    let folder = root().join(folder);
    let modified = |path: &str| folder.join(path).metadata().and_then(|metadata| metadata.modified()).ok();
    if modified("node_modules/.package-lock.json") >= modified("package-lock.json") {
        return Ok(());
    }
    let mut install = npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    install.current_dir(folder);
    step(&format!("Install {what}"), install)
}
