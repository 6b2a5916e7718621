//! `bluecrab completions`: prints a script that completes the command in a shell.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

/// The arguments of `bluecrab completions`.
#[derive(Args)]
#[command(after_help = "Example:\n    bluecrab completions bash > ~/.local/share/bash-completion/completions/bluecrab")]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Prints the script for the whole command.
pub fn run(arguments: &CompletionsArgs, mut command: Command) {
    let mut script = Vec::new();
    generate(arguments.shell, &mut command, "bluecrab", &mut script);
    say!("{}", String::from_utf8_lossy(&script).trim_end());
}
