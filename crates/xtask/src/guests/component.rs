//! Builds the guests that are standard components: in Rust, JavaScript and Python, each with the tool of its language.
//! `bluecrab build` makes their bindings.

use super::tools;
use crate::command::{cargo, program, root, step};
use crate::files::copy;
use crate::setup::{install_packages, install_target};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-wasip2";
/// What the components in JavaScript and Python import and export, relative to their folders. It is a file of the apps
/// of `bluecrab new`, as is the folder of Python.
const INTERFACES: &str = "../../crates/bluecrab-cli/templates/languages/component/wasi.wit";
const PYTHON_PATH: &str = "../../crates/bluecrab-cli/templates/languages/python";

/// A component. It is built from the folder of its name in `guests`.
struct Component {
    name: &'static str,
    /// Installs its tools if they are missing.
    install: fn(&Path) -> Result<PathBuf>,
    /// Builds it into a file, with the tool that `install` has returned.
    build: fn(&Path, &Path, &Path) -> Result<()>,
}

const COMPONENTS: [Component; 3] = [
    Component { name: "component", install: install_rust, build: build_rust },
    Component { name: "javascript-component", install: install_componentize_js, build: build_javascript },
    Component { name: "python-component", install: tools::componentize_py, build: build_python },
];

/// Builds the components into a folder, which is an app for `bluecrab build`. Returns a line for each component whose
/// tools cannot be installed.
pub fn build(bluecrab: &Path, folder: &Path, app: &Path) -> Result<Vec<String>> {
    fs::create_dir_all(app).with_context(|| format!("cannot create {}", app.display()))?;
    for (file, text) in [("host.json", r#"{ "version": "2.0" }"#), ("package.json", "{}")] {
        fs::write(app.join(file), text).with_context(|| format!("cannot write {file}"))?;
    }
    let mut skipped = Vec::new();
    for Component { name, install, build } in COMPONENTS {
        match install(folder) {
            Ok(tool) => build(&tool, folder, &app.join(name).with_extension("wasm"))?,
            Err(error) => skipped.push(format!("{name} is skipped: {error:#}")),
        }
    }
    let mut bind = Command::new(bluecrab);
    bind.arg("build").arg(app);
    step("Make the bindings of the components", bind)?;
    Ok(skipped)
}

fn guest(name: &str) -> PathBuf {
    root().join("guests").join(name)
}

fn install_rust(_: &Path) -> Result<PathBuf> {
    install_target(TARGET)?;
    Ok(PathBuf::new())
}

fn build_rust(_: &Path, folder: &Path, file: &Path) -> Result<()> {
    let target_folder = folder.join("component-target");
    let mut build = cargo(&["build", "--release", "--locked", "--target", TARGET, "--target-dir"]);
    build.arg(&target_folder).current_dir(guest("component")).env("RUSTFLAGS", "-Ctarget-feature=+simd128");
    step("Build the component in Rust", build)?;
    copy(&target_folder.join(TARGET).join("release/component.wasm"), file)
}

fn install_componentize_js(_: &Path) -> Result<PathBuf> {
    install_packages("componentize-js", "guests/javascript-component")?;
    Ok(guest("javascript-component").join("node_modules/@bytecodealliance/componentize-js/src/cli.js"))
}

fn build_javascript(tool: &Path, _: &Path, file: &Path) -> Result<()> {
    let mut build = program("node", &[]);
    build.arg(tool).args(["app.js", "--wit", INTERFACES, "--out"]).arg(file);
    build.current_dir(guest("javascript-component"));
    step("Build the component in JavaScript", build)
}

fn build_python(tool: &Path, _: &Path, file: &Path) -> Result<()> {
    let mut build = Command::new(tool);
    build.args(["--wit-path", INTERFACES, "componentize", "app", "--python-path", ".", "--python-path", PYTHON_PATH]);
    build.arg("--output").arg(file);
    build.current_dir(guest("python-component"));
    step("Build the component in Python", build)
}
