//! The formatters and linters that come with the compilers, for the guests, the programs and the apps that
//! `bluecrab new` makes.

use super::tools;
use crate::command::{root, step};
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// A compiler's lint, and the folders with sources for it.
struct Lint {
    arguments: &'static [&'static str],
    folders: [&'static str; 3],
}

/// C has no lint here: the guests and programs are compiled with their warnings as errors.
const ZIG: Lint = Lint {
    arguments: &["fmt", "--check", "."],
    folders: ["guests/zig", "guests/programs/zig", "crates/bluecrab-cli/templates/languages/zig"],
};
const GO: Lint = Lint {
    arguments: &["vet", "./..."],
    folders: ["guests/go", "guests/programs/go-cgi", "crates/bluecrab-cli/templates/languages/go"],
};

/// Checks the sources in every language whose compiler can be installed.
pub fn run(folder: &Path) -> Result<()> {
    for (compiler, Lint { arguments, folders }) in [(tools::zig(folder), ZIG), (tools::go(folder), GO)] {
        let Ok(compiler) = compiler else { continue };
        for place in folders {
            let mut lint = Command::new(&compiler);
            lint.args(arguments).current_dir(root().join(place));
            tools::set_caches(&mut lint, folder);
            step(&format!("Lint {place}"), lint)?;
        }
    }
    Ok(())
}
