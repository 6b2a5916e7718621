//! Makes what a release publishes: `cargo xtask release`. It publishes nothing.
//!
//! Everything is made in `target/dist`, from a copy of the tracked files, because a release differs from the checkout:
//! its command contains the worker, and its new apps name versions. Each platform builds its own command; one of them
//! collects the commands and packs.

mod crates;
mod npm;
mod stage;

pub use stage::repository;

use crate::build::target_folder;
use crate::command::{cargo, output, program, step};
use crate::files::copy;
use crate::setup::{self, install_target};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use std::fs;
use std::path::{Path, PathBuf};

/// What to make.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask release --only command --target x86_64-unknown-linux-musl")]
pub struct ReleaseArgs {
    /// Make only these parts, separated by commas [default: both]
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    only: Vec<Part>,
    /// Build the command for this target of Rust [default: this machine's]
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Build the command with this profile of cargo; `dev` is quicker to build
    #[arg(long, default_value = "tools")]
    profile: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The command, in target/dist/commands
    Command,
    /// The crates in target/dist/crates, and the npm packages with the commands that are there in target/dist/npm
    Packages,
}

impl Default for ReleaseArgs {
    /// Everything, as it is published.
    fn default() -> Self {
        Self { only: Vec::new(), target: None, profile: "tools".to_owned() }
    }
}

/// Makes the parts in `target/dist`.
pub fn run(arguments: &ReleaseArgs) -> Result<()> {
    setup::run()?;
    let dist = folder()?;
    let is_wanted = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    crate::build::npm_packages()?;
    let stage = stage::make(&dist)?;
    if is_wanted(Part::Command) {
        build_command(&stage, arguments)?;
    }
    if is_wanted(Part::Packages) {
        crates::pack(&stage, &dist)?;
        crate::build::matrix_module()?;
        npm::pack(&stage, &dist)?;
    }
    println!("── everything is in {}", dist.display());
    Ok(())
}

/// The folder of everything that a release publishes.
pub fn folder() -> Result<PathBuf> {
    Ok(target_folder()?.join("dist"))
}

fn build_command(stage: &stage::Stage, arguments: &ReleaseArgs) -> Result<()> {
    let mut build = cargo(&["build", "--package=bluecrab-cli", "--profile", &arguments.profile]);
    let mut built = target_folder()?;
    let target = match &arguments.target {
        Some(target) => {
            install_target(target)?;
            build.args(["--target", target]);
            built.push(target);
            target.clone()
        }
        None => output(program("rustc", &["--print", "host-tuple"]))?,
    };
    let platform = npm::platform_of(&target)?;
    let program = npm::program_of(platform);
    built.extend([if arguments.profile == "dev" { "debug" } else { &arguments.profile }, program]);
    let to = folder()?.join("commands").join(platform);
    fs::create_dir_all(&to).with_context(|| format!("cannot create {}", to.display()))?;
    set_aside(&built, || {
        step(&format!("Build the command for {target}"), stage.run(build)?)?;
        copy(&built, &to.join(program))
    })
}

/// Does work that replaces a file, and puts the file back: the stage and the checkout share the target folder, but each
/// has its own command.
fn set_aside(file: &Path, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let aside = file.with_added_extension("aside");
    let is_there = file.is_file();
    if is_there {
        fs::rename(file, &aside).with_context(|| format!("cannot rename {}", file.display()))?;
    }
    let done = work();
    if is_there {
        fs::rename(&aside, file).with_context(|| format!("cannot rename {}", aside.display()))?;
    } else if file.is_file() {
        fs::remove_file(file).with_context(|| format!("cannot remove {}", file.display()))?;
    }
    done
}
