//! The commands in package.json that build modules and programs in other languages than Rust:
//!
//! ```json
//! "bluecrab": {
//!   "build": ["GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o hello.wasm ."]
//! }
//! ```
//!
//! A command is split into words as a shell does it. No shell runs, so that a command means the same on every system.

use crate::app::App;
use crate::tools;
use anyhow::{Context, Result, bail};
use std::env::{self, consts::EXE_SUFFIX};
use std::process::Command;

/// Runs the commands in the app's folder, one after the other.
pub fn run(app: &App) -> Result<()> {
    for line in &app.package.bluecrab.build {
        let mut command = parse(line).with_context(|| format!("`bluecrab.build` in package.json has `{line}`"))?;
        tools::run_silently(command.current_dir(&app.root)).context("a command in package.json did not succeed")?;
    }
    Ok(())
}

/// Reads a command: settings of environment variables, the program, and its arguments.
fn parse(line: &str) -> Result<Command> {
    let Some(words) = shlex::split(line) else { bail!("a quotation mark is missing") };
    let mut words = words.into_iter().peekable();
    let mut variables = Vec::new();
    while let Some(variable) = words.next_if(|word| variable(word).is_some()) {
        variables.extend(self::variable(&variable).map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    let Some(name) = words.next() else { bail!("it names no program") };
    let mut command = tools::in_path(&program(name));
    command.args(words).envs(variables);
    Ok(command)
}

fn variable(word: &str) -> Option<(&str, &str)> {
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    word.split_once('=').filter(|(name, _)| !name.is_empty() && is_name(name))
}

/// Returns the program to run. `pip install ziglang` installs Zig under another name.
fn program(name: String) -> String {
    let from_pip = "python-zig";
    if name == "zig" && !is_installed("zig") && is_installed(from_pip) { from_pip.to_owned() } else { name }
}

fn is_installed(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(format!("{name}{EXE_SUFFIX}")).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    #[test]
    fn reads_variables_program_and_arguments() {
        let command = parse("GOOS=wasip1 A= go build -ldflags='-s -w' -o \"my app.wasm\" X=1 .").unwrap();
        assert_eq!(command.get_program(), "go");
        let arguments: Vec<&OsStr> = command.get_args().collect();
        assert_eq!(arguments, ["build", "-ldflags=-s -w", "-o", "my app.wasm", "X=1", "."]);
        let variables: Vec<_> = command.get_envs().collect();
        assert_eq!(
            variables,
            [("A", ""), ("GOOS", "wasip1")].map(|(name, value)| (name.as_ref(), Some(value.as_ref())))
        );
    }

    #[test]
    fn refuses_a_command_that_names_no_program() {
        for (line, reason) in [("", "names no program"), ("A=1", "names no program"), ("cc 'a", "quotation mark")] {
            let said = parse(line).unwrap_err().to_string();
            assert!(said.contains(reason), "{line}: {said}");
        }
    }
}
