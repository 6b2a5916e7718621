//! Running other programs: what is run is shown, what fails is said with how to see more.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the repository.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest).to_path_buf()
}

/// A program to be run in the root of the repository.
pub fn program(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(root());
    command
}

/// The cargo that runs this program.
pub fn cargo(arguments: &[&str]) -> Command {
    program(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()), arguments)
}

/// npm, which on Windows is a script.
pub fn npm(arguments: &[&str]) -> Command {
    program(if cfg!(windows) { "npm.cmd" } else { "npm" }, arguments)
}

/// Runs a step with its output shown; fails where the program fails.
pub fn step(name: &str, mut command: Command) -> Result<()> {
    println!("── {name}");
    let line = line_of(&command);
    let status = command.status().with_context(|| format!("{name}: cannot start `{line}`"))?;
    if !status.success() {
        bail!("{name} failed ({status}): `{line}`");
    }
    Ok(())
}

/// Runs a program silently and gives what it printed, without the white space around it.
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
