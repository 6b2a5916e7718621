//! The guests: the same functions in several languages, as modules, programs, scripts and a component, linted, built,
//! checked and compared.

mod build;
mod component;
mod lint;
mod programs;
mod templates;
mod tools;

use crate::build as product;
use crate::command::{program, root, step};
use crate::files::{copy, copy_module, meter, remove_folder};
use anyhow::{Context, Result, bail};
use bluecrab_bench::{Results, Scenario};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders with the built modules, programs and components.
pub struct Guests {
    /// The modules, and the component.
    pub modules: PathBuf,
    /// The programs, the interpreters, and the modules and components of the templates.
    pub programs: PathBuf,
    /// The apps that `bluecrab new` makes.
    templates: PathBuf,
}

/// Where the guests are built.
pub fn folder() -> Result<PathBuf> {
    Ok(product::target_folder()?.join("guests"))
}

/// Adds the sizes of the programs, modules and components to the results of their scenario. The settings of each app
/// name its file.
pub fn add_sizes(results: &Path, scenario: &Path) -> Result<()> {
    let mut measured = Results::read(results)?;
    let Scenario { apps, functions, .. } = Scenario::read(scenario)?;
    for function in functions {
        let app = apps.get(&function.app).and_then(|app| app.settings.get("PROGRAMS_ONLY"));
        let name = app.with_context(|| format!("the app of {} does not set PROGRAMS_ONLY", function.name))?;
        let file = folder()?.join("programs").join(name).with_extension("wasm");
        let data = fs::metadata(&file).with_context(|| format!("cannot read {}", file.display()))?;
        measured.set_size(&function.name, data.len());
    }
    measured.write(results)
}

/// Builds and checks every guest whose compiler can be installed, and names the others.
pub fn build(product: &product::Built) -> Result<Guests> {
    let folder = folder()?;
    lint::run(&folder)?;
    let (modules, mut skipped) = build_all(&folder, &product.app.join("matrix.wasm"))?;
    let (programs, skipped_programs) = programs::build(&folder)?;
    let (templates, skipped_templates) = templates::build(&product.bluecrab, &folder)?;
    templates::copy_built(&templates, &programs)?;
    skipped.extend([skipped_programs, skipped_templates].concat());
    skipped.extend(component::build(&product.bluecrab, &folder, &modules.join("components"))?);
    skipped.iter().for_each(|line| println!("── {line}"));
    check(&product.bluecrab, &modules)?;
    Ok(Guests { modules, programs, templates })
}

/// Compares the guests with Rust over HTTP.
pub fn test(product: &product::Built) -> Result<()> {
    let guests = build(product)?;
    let node = |arguments: &[&str]| {
        let mut node = program("node", arguments);
        node.env("BLUECRAB", &product.bluecrab).env("GUESTS_FOLDER", &guests.modules);
        node.env("PROGRAMS_FOLDER", &guests.programs).env("TEMPLATES_FOLDER", &guests.templates);
        node
    };
    let tests = ["--test", "--test-reporter=spec", "guests/test/guests.test.mjs", "guests/test/component.test.mjs"];
    step("Compare the guests with Rust over HTTP", node(&tests))?;
    step("Send messages to their queue functions", node(&[tests[0], tests[1], "guests/test/queue.test.mjs"]))?;
    step("Call the programs and scripts", node(&[tests[0], tests[1], "guests/test/programs.test.mjs"]))?;
    step("Call each way 10,000 times", node(&[tests[0], tests[1], "guests/test/memory.test.mjs"]))?;
    step("Call and pack the apps of the templates", node(&[tests[0], tests[1], "guests/test/templates.test.mjs"]))?;
    step("Ask each of them with curl", node(&["guests/test/curl.mjs"]))
}

/// A folder with the modules of all guests and of Rust, and a line for each language that is left out.
fn build_all(folder: &Path, rust: &Path) -> Result<(PathBuf, Vec<String>)> {
    let modules = folder.join("modules");
    remove_folder(&modules)?;
    fs::create_dir_all(&modules).with_context(|| format!("cannot create {}", modules.display()))?;
    copy_module(rust, &modules.join("rust.wasm"))?;
    let mut skipped = Vec::new();
    for guest in build::GUESTS {
        match guest.compiler(folder) {
            Ok(compiler) => {
                let module = modules.join(guest.name).with_extension("wasm");
                step(&format!("Build the guest in {}", guest.language), guest.command(&compiler, folder, &module))?;
                let sidecar = root().join("guests").join(guest.name).join("functions.json");
                if sidecar.exists() {
                    copy(&sidecar, &module.with_extension("functions.json"))?;
                }
                meter(&module)?;
            }
            Err(error) => skipped.push(format!("{} is skipped: {error:#}", guest.language)),
        }
    }
    if skipped.len() == build::GUESTS.len() {
        skipped.iter().for_each(|line| println!("── {line}"));
        bail!("no guest's compiler could be installed");
    }
    Ok((modules, skipped))
}

fn check(bluecrab: &Path, modules: &Path) -> Result<()> {
    let mut files = fs::read_dir(modules)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| {
        let name = file.to_string_lossy();
        name.ends_with(".wasm") && !name.ends_with(".metered.wasm")
    });
    files.sort();
    for file in files {
        let mut check = Command::new(bluecrab);
        check.arg("check").arg(&file);
        step(&format!("Check {}", file.display()), check)?;
    }
    Ok(())
}
