//! `bluecrab build`: an app's modules, from its crates, beside its package.json.

use crate::app::App;
use crate::checkout;
use crate::manifest::{self, Function};
use crate::size::Size;
use crate::tools::{self, QUIETLY, WASM_TARGET, cargo, npm, rustc};
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::Value;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What to build.
#[derive(Args)]
#[command(after_help = "Example:\n    bluecrab build")]
pub struct Options {
    /// The app's folder: the one with host.json, and with Cargo.toml in it or right below it
    #[arg(default_value = ".")]
    app: PathBuf,
}

/// A module in its place.
pub struct Module {
    file: PathBuf,
    size: u64,
    functions: Vec<Function>,
}

impl fmt::Display for Module {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, {}", self.file.file_name().unwrap_or_default().display(), Size(self.size))
    }
}

/// Builds the app and prints what it has.
pub fn run(options: &Options) -> Result<()> {
    let app = App::open(&options.app)?;
    let modules = build(&app)?;
    print(&modules, &app.route_prefix()?);
    Ok(())
}

/// Builds an app's modules and installs its packages where one is missing.
pub fn build(app: &App) -> Result<Vec<Module>> {
    let crates = app.crates()?;
    ensure!(
        !crates.is_empty(),
        "{} has nothing to build: there is no Cargo.toml in it, nor in a folder right below it",
        app.root.display()
    );
    install_target(&crates[0])?;
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        if std::env::var_os(variable).is_some_and(|flags| !flags.is_empty()) {
            tell!("warning: {variable} replaces all other flags: no SIMD, and paths of this machine in the modules");
        }
    }
    let mut made: Vec<(PathBuf, &Path)> = Vec::new();
    for folder in &crates {
        for built in compile(folder)? {
            let name = built.file_name();
            if let Some((_, other)) = made.iter().find(|(file, _)| file.file_name() == name) {
                bail!(
                    "{} and {} both make {}: give one of them another `name` in its Cargo.toml",
                    other.display(),
                    folder.display(),
                    name.unwrap_or_default().display()
                );
            }
            made.push((built, folder));
        }
    }
    let modules = made.iter().map(|(built, _)| put_in_place(built, &app.root)).collect::<Result<_>>()?;
    install_packages(app)?;
    Ok(modules)
}

fn install_target(folder: &Path) -> Result<()> {
    // A crate may have a toolchain of its own, which depends on the folder.
    let mut ask = rustc(&["--print", "target-libdir", "--target", WASM_TARGET]);
    ask.current_dir(folder);
    if Path::new(tools::output(ask)?.trim()).is_dir() {
        return Ok(());
    }
    let mut add = Command::new("rustup");
    add.args(["target", "add", WASM_TARGET]).current_dir(folder);
    tools::run_silently(&mut add).with_context(|| {
        format!(
            "Rust has no target {WASM_TARGET} here, and it could not be added: run `rustup target add {WASM_TARGET}`, \
             or install it as your system installs Rust"
        )
    })
}

/// Runs cargo in the crate's folder, as its `.cargo/config.toml` counts only there; gives the modules that it made.
fn compile(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut build = cargo(&["build", "--release", "--target", WASM_TARGET, "--message-format=json-render-diagnostics"]);
    build.arg("--config").arg(flags(folder)?);
    let mut child = tools::spawn(build.current_dir(folder).stdout(Stdio::piped()))?;
    let mut modules = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let message = serde_json::from_str(&line.context("cannot read what cargo prints")?);
            modules.extend(message.ok().and_then(|message| module_of(&message, folder)));
        }
    }
    let status = child.wait().context("cannot wait for cargo")?;
    if !status.success() {
        bail!("cargo could not build {}; its reason is above", folder.display());
    }
    if modules.is_empty() {
        let file = folder.join("Cargo.toml");
        bail!("{} makes no module: it needs `[lib]` with `crate-type = [\"cdylib\", \"rlib\"]`", file.display());
    }
    Ok(modules)
}

/// Keeps the paths of this machine out of the module, where the places of panics would name them. Cargo adds this to the
/// flags for the target in `.cargo/config.toml`, and no longer takes those of its `[build]`, which are thus given too.
fn flags(folder: &Path) -> Result<String> {
    let config = fs::read_to_string(folder.join(".cargo/config.toml")).unwrap_or_default();
    let mut flags = flags_of_build(&config);
    if let Some(home) = std::env::home_dir().filter(|home| home.components().count() > 1) {
        flags.push(format!("--remap-path-prefix={}=~", home.display()));
    }
    // The last one that fits counts, and the checkout may lie in the home.
    flags.push(format!("--remap-path-prefix={}=bluecrab", checkout::own().display()));
    Ok(format!("target.{WASM_TARGET}.rustflags={}", serde_json::to_string(&flags)?))
}

/// The flags of `[build]` in a configuration of cargo's, where they count: where there are none for the target. What is
/// wrong in it, cargo says.
fn flags_of_build(config: &str) -> Vec<String> {
    let config: toml::Table = toml::from_str(config).unwrap_or_default();
    let flags_at = |table: Option<&toml::Value>| table.and_then(|table| table.get("rustflags")).cloned();
    if flags_at(config.get("target").and_then(|targets| targets.get(WASM_TARGET))).is_some() {
        return Vec::new();
    }
    match flags_at(config.get("build")) {
        Some(toml::Value::String(flags)) => flags.split_whitespace().map(str::to_owned).collect(),
        Some(toml::Value::Array(flags)) => flags.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The module that a message of cargo's speaks of, where it is one of this folder's packages and no program.
fn module_of(message: &Value, folder: &Path) -> Option<PathBuf> {
    let is_library = message["reason"] == "compiler-artifact"
        && message["target"]["crate_types"].as_array()?.iter().any(|kind| kind == "cdylib");
    let manifest = Path::new(message["manifest_path"].as_str()?).canonicalize().ok()?;
    if !is_library || !manifest.starts_with(folder.canonicalize().ok()?) {
        return None;
    }
    let files = message["filenames"].as_array()?.iter().filter_map(Value::as_str).map(PathBuf::from);
    files.into_iter().find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
}

/// Copies a module aside and renames it, so that nobody reads half of it.
fn put_in_place(built: &Path, app: &Path) -> Result<Module> {
    let bytes = fs::read(built).with_context(|| format!("cannot read {}", built.display()))?;
    let file = app.join(built.file_name().unwrap_or_default());
    let functions = manifest::functions(&bytes).with_context(|| format!("{} cannot be used", built.display()))?;
    if functions.is_empty() {
        bail!("{} declares no function: mark one with `#[http]`", file.display());
    }
    // What is written anew has changed for whoever watches.
    if fs::read(&file).is_ok_and(|there| there == bytes) {
        return Ok(Module { file, size: bytes.len() as u64, functions });
    }
    let aside = file.with_extension("wasm.new");
    fs::write(&aside, &bytes).with_context(|| format!("cannot write {}", aside.display()))?;
    fs::rename(&aside, &file).with_context(|| format!("cannot put {} in place", file.display()))?;
    Ok(Module { file, size: bytes.len() as u64, functions })
}

fn install_packages(app: &App) -> Result<()> {
    let Some(missing) = app.missing_package() else { return Ok(()) };
    tell!("Installing the npm packages ({missing} is missing)");
    let mut install = npm(&["install"]);
    tools::run_silently(install.args(QUIETLY).current_dir(&app.root))
}

/// Prints the modules with their functions, methods and routes.
fn print(modules: &[Module], prefix: &str) {
    let functions = || modules.iter().flat_map(|module| &module.functions);
    let name_width = functions().map(|function| function.name.len()).max().unwrap_or_default();
    for module in modules {
        say!("\n{module}\n");
        for function in &module.functions {
            say!("    {:name_width$}  [{}] {prefix}{}", function.name, function.methods(), function.route());
        }
    }
    say!("");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_of_build_count_where_the_target_has_none() {
        assert_eq!(flags_of_build("[build]\nrustflags = [\"-C\", \"debuginfo=1\"]"), ["-C", "debuginfo=1"]);
        assert_eq!(flags_of_build("build.rustflags = \"-C  debuginfo=1\""), ["-C", "debuginfo=1"]);
        let none: [&str; 0] = [];
        assert_eq!(flags_of_build("build.rustflags = \"-g\"\ntarget.wasm32-wasip1.rustflags = [\"-O\"]"), none);
        assert_eq!(flags_of_build("[build"), none);
    }
}
