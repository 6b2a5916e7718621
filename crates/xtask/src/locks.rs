//! Checks every lock file. A build with `--locked`, or `npm ci`, fails if a lock file is older than its manifest.

use crate::command::{cargo, npm, output, program, root, step};
use anyhow::Result;
use std::path::Path;
use std::process::{Command, Stdio};

/// Asks cargo and npm whether each tracked lock file fits the manifests next to it. Changes and installs nothing.
pub fn check() -> Result<()> {
    let files = output(program("git", &["ls-files", "*Cargo.lock", "*package-lock.json"]))?;
    for file in files.lines().map(Path::new) {
        let mut check = check_of(file);
        check.current_dir(root().join(file.parent().unwrap_or(Path::new(""))));
        step(&format!("Check that {} is up to date", file.display()), check)?;
    }
    Ok(())
}

fn check_of(lock: &Path) -> Command {
    if lock.ends_with("Cargo.lock") {
        // Reads the index of the registry, not the sources of the crates.
        return cargo(&["update", "--workspace", "--locked", "--quiet"]);
    }
    let mut check = npm(&["ci", "--dry-run", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    check.stdout(Stdio::null());
    check
}
