//! The formatters and linters that come with the compilers. C is compiled with its warnings as errors.

use crate::command::{root, step};
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Checks the sources of a guest if its compiler can.
pub fn guest(name: &str, compiler: &Path, folder: &Path) -> Result<()> {
    let arguments: &[&str] = match name {
        "zig" => &["fmt", "--check", "."],
        "go" => &["vet", "./..."],
        _ => return Ok(()),
    };
    let mut lint = Command::new(compiler);
    lint.args(arguments)
        .current_dir(root().join("guests").join(name))
        .env("ZIG_GLOBAL_CACHE_DIR", folder.join("zig-cache"));
    lint.envs([("GOOS", "wasip1"), ("GOARCH", "wasm"), ("GOTOOLCHAIN", "local"), ("GOFLAGS", "")]);
    lint.env("GOCACHE", folder.join("go-cache")).env("GOPATH", folder.join("go-path"));
    step(&format!("Lint the guest in {name}"), lint)
}
