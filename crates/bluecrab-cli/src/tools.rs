//! Runs other programs. If a program is missing, the error says where to get it.

use crate::interrupts;
use anyhow::{Context, Result, bail};
use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

/// Returns a command for a program of Rust: the one that an environment variable names, or else the one in the PATH.
pub fn program(variable: &str, name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os(variable).unwrap_or_else(|| name.into()));
    command.args(arguments);
    command
}

/// Returns a command for a program in the PATH.
pub fn in_path(name: &str) -> Command {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if cfg!(windows) { Command::new(with_ending(name, std::env::split_paths(&path))) } else { Command::new(name) }
}

/// Returns a name as Windows needs it. `Command` finds `NAME.exe` by its name, but not `NAME.cmd`, and npm installs such
/// scripts.
fn with_ending(name: &str, mut path: impl Iterator<Item = PathBuf>) -> String {
    let [program, script] = ["exe", "cmd"].map(|ending| format!("{name}.{ending}"));
    let found = path.find_map(|folder| [&program, &script].into_iter().find(|file| folder.join(file).is_file()));
    if found == Some(&script) { script } else { name.to_owned() }
}

/// Returns the cargo that runs this program, or else the one in the PATH.
pub fn cargo(arguments: &[&str]) -> Command {
    program("CARGO", "cargo", arguments)
}

/// Returns how the user calls this command: by its name, or with npx, which does not put it in the PATH.
pub fn own_name() -> &'static str {
    let is_npx = std::env::var_os("npm_command").is_some_and(|name| name == "exec");
    if bluecrab_host::IS_RELEASE && is_npx { "npx @bluecrab/cli" } else { "bluecrab" }
}

/// Returns an argument as a shell needs it, for a command that the user may copy.
pub fn quoted(argument: &str) -> Cow<'_, str> {
    shlex::try_quote(argument).unwrap_or(Cow::Borrowed(argument))
}

/// Starts a program that ends with this command.
pub fn spawn(command: &mut Command) -> Result<Child> {
    let name = command.get_program().to_owned();
    interrupts::spawn(command).map_err(|error| match error.kind() {
        ErrorKind::NotFound => anyhow::anyhow!("cannot find `{}`: {}", name.display(), where_from(&name)),
        _ => anyhow::Error::new(error).context(format!("cannot start `{}`", name.display())),
    })
}

/// Waits for a program. Returns an error if this command is told to end. Then the program has ended, and so has all that
/// it has started.
pub fn wait(program: Child) -> Result<Output> {
    let output = program.wait_with_output()?;
    interrupts::check()?;
    Ok(output)
}

/// Runs a program that asks nothing, because it cannot read from the terminal.
pub fn run(command: &mut Command) -> Result<Output> {
    wait(spawn(command.stdin(Stdio::null()))?)
}

fn where_from(program: &OsStr) -> &'static str {
    match program.to_str() {
        Some("npm" | "node") => "it comes with Node.js from https://nodejs.org, or as a package of your system",
        Some("pnpm" | "yarn" | "bun") => "the app uses it for its packages",
        Some("cargo" | "rustc" | "rustup") => "install Rust from https://rustup.rs",
        Some("zig") => "install Zig from https://ziglang.org/download, or with `pip install ziglang`",
        Some("go") => "install Go from https://go.dev/dl",
        Some("componentize-py") => {
            "install it with `pip install componentize-py`, or with `uv tool install componentize-py`"
        }
        _ => "it is not in the PATH",
    }
}

/// Runs a program, and prints its output only if it fails.
pub fn run_silently(command: &mut Command) -> Result<()> {
    let output = run(command.stdout(Stdio::piped()))?;
    if !output.status.success() {
        // Some programs print their errors to standard output.
        tell!("{}", String::from_utf8_lossy(&output.stdout).trim_end());
        bail!("`{}` failed ({}); see its error above", line_of(command), output.status);
    }
    Ok(())
}

/// Runs a program and returns its output without printing it.
pub fn output(mut command: Command) -> Result<String> {
    let output = run(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}): {}", line_of(&command), output.status, reason.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed invalid UTF-8", line_of(&command)))
}

fn line_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn finds_programs_and_scripts_in_the_order_of_the_path() {
        let [first, second] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        for file in ["npm", "npm.cmd", "bun.exe", "both.exe", "both.cmd", "later.cmd"] {
            fs::write(first.path().join(file), "").unwrap();
        }
        fs::write(second.path().join("later.exe"), "").unwrap();
        for (name, expected) in [
            ("npm", "npm.cmd"),
            ("npm.cmd", "npm.cmd"),
            ("bun", "bun"),
            ("both", "both"),
            ("later", "later.cmd"),
            ("missing", "missing"),
        ] {
            let path = [&first, &second].map(|folder| folder.path().to_owned());
            assert_eq!(with_ending(name, path.into_iter()), expected);
        }
    }
}
