//! Runs other programs, shows each step, and names the command that failed.

use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// The folder whose Node.js is found first.
static NODE: Mutex<Option<PathBuf>> = Mutex::new(None);

/// The root of the repository.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest).to_path_buf()
}

/// A program to be run in the root of the repository.
pub fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root());
    let node = NODE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(path) = node.as_deref().and_then(path_with) {
        command.env("PATH", path);
    }
    command
}

/// Makes every program from here on find the Node.js of this folder; without a folder, the Node.js that is installed.
pub fn use_node(folder: Option<PathBuf>) {
    *NODE.lock().unwrap_or_else(PoisonError::into_inner) = folder;
}

fn path_with(folder: &Path) -> Option<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path))).ok()
}

/// The cargo that runs this program.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = program(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()), arguments);
    // The variables that describe xtask: build scripts, such as ring's, run again whenever one of them changes.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(&name);
        }
    }
    command
}

/// npm, which on Windows is a script.
pub fn npm(arguments: &[&str]) -> Command {
    program(if cfg!(windows) { "npm.cmd" } else { "npm" }, arguments)
}

/// Runs a step and shows its output; fails if the program fails.
pub fn step(name: &str, mut command: Command) -> Result<()> {
    println!("── {name}");
    let line = line_of(&command);
    let status = command.status().with_context(|| format!("{name}: cannot start `{line}`"))?;
    if !status.success() {
        bail!("{name} failed ({status}): `{line}`");
    }
    Ok(())
}

/// Runs a program silently and returns its output without the white space around it.
pub fn output(mut command: Command) -> Result<String> {
    let line = line_of(&command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed ({})", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn line_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
