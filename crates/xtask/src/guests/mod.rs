//! The guests: the same functions in several languages, linted, built, checked, compared, measured and served.

mod build;
mod component;
mod lint;
mod tools;

use crate::command::{program, root, step};
use crate::files::{copy, remove_folder};
use crate::{build as product, setup};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What to do with the guests.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask guests --once")]
pub struct Options {
    /// Measure them too: size, cold start and latency of each language, written into docs/guests.md
    #[arg(long)]
    measure: bool,
    /// End after that instead of serving
    #[arg(long)]
    once: bool,
    /// The port to serve on
    #[arg(long, default_value_t = 7071)]
    port: u16,
}

/// Builds every guest for which a compiler can be had, and says which cannot.
pub fn run(options: &Options) -> Result<()> {
    setup::run()?;
    let product = product::run()?;
    let folder = product::target_folder()?.join("guests");
    let (modules, skipped) = build_all(&folder, &product.app.join("matrix.wasm"))?;
    check(&product.bluecrab, &modules)?;
    let node = |arguments: &[&str]| {
        let mut node = program("node", arguments);
        node.env("BLUECRAB", &product.bluecrab).env("GUESTS_FOLDER", &modules);
        node
    };
    let tests = ["--test", "--test-reporter=spec", "guests/test/guests.test.mjs", "guests/test/component.test.mjs"];
    step("Compare the guests with Rust over HTTP", node(&tests))?;
    step("Ask each of them with curl", node(&["guests/test/curl.mjs"]))?;
    if options.measure {
        step("Measure the guests", node(&["guests/test/measure.mjs", "docs/guests.md"]))?;
    }
    for line in skipped {
        println!("── {line}");
    }
    if options.once { Ok(()) } else { serve(options.port, &product.bluecrab, &modules) }
}

/// The modules, with Rust's beside them, in a folder of their own; and a line for each language that is left out.
fn build_all(folder: &Path, rust: &Path) -> Result<(PathBuf, Vec<String>)> {
    let modules = folder.join("modules");
    remove_folder(&modules)?;
    fs::create_dir_all(&modules).with_context(|| format!("cannot create {}", modules.display()))?;
    copy(rust, &modules.join("rust.wasm"))?;
    let mut skipped = Vec::new();
    for guest in build::GUESTS {
        match guest.compiler(folder) {
            Ok(compiler) => {
                lint::guest(guest.name, &compiler, folder)?;
                let module = modules.join(guest.name).with_extension("wasm");
                step(&format!("Build the guest in {}", guest.language), guest.command(&compiler, folder, &module))?;
                let sidecar = root().join("guests").join(guest.name).join("functions.json");
                if sidecar.exists() {
                    copy(&sidecar, &module.with_extension("functions.json"))?;
                }
            }
            Err(error) => skipped.push(format!("{} is skipped: {error:#}", guest.language)),
        }
    }
    if skipped.len() == build::GUESTS.len() {
        skipped.iter().for_each(|line| println!("── {line}"));
        bail!("no compiler of any guest can be had");
    }
    match component::install_tools() {
        Ok(()) => component::build(folder, &modules)?,
        Err(error) => skipped.push(format!("the component is skipped: {error:#}")),
    }
    Ok((modules, skipped))
}

fn check(bluecrab: &Path, modules: &Path) -> Result<()> {
    let mut files = fs::read_dir(modules)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "wasm"));
    files.sort();
    for file in files {
        let mut check = Command::new(bluecrab);
        check.arg("check").arg(&file);
        step(&format!("Check {}", file.display()), check)?;
    }
    Ok(())
}

fn serve(port: u16, bluecrab: &Path, modules: &Path) -> Result<()> {
    let matrices = modules.with_file_name("matrices.npy");
    let multiply = format!("--data-binary @{} -H 'content-type: application/x-npy'", matrices.display());
    println!("\nTry one of them:\n\n    curl http://localhost:{port}/api/multiply-c {multiply} -o product.npy\n");
    let mut host = Command::new(bluecrab);
    host.arg("dev").arg(root().join("guests/app")).arg("--port").arg(port.to_string()).env("GUESTS_FOLDER", modules);
    step("Serve the guests until Ctrl-C", host)
}
