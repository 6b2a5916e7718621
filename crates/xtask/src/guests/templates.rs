//! Makes an app with `bluecrab new` in each language and builds it, as a user does.

use super::tools;
use crate::command::step;
use crate::files::{copy, copy_folder, copy_module, remove_folder};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MODULES: [&str; 5] = ["rust", "c", "zig", "go", "assemblyscript"];
const COMPONENTS: [&str; 2] = ["javascript", "python"];

/// Builds an app in each language whose compiler can be installed, into a folder of its name. Returns the folder of all
/// apps, and a line for each language that is left out.
pub fn build(bluecrab: &Path, folder: &Path) -> Result<(PathBuf, Vec<String>)> {
    let apps = folder.join("templates");
    remove_folder(&apps)?;
    fs::create_dir_all(&apps).with_context(|| format!("cannot create {}", apps.display()))?;
    let mut skipped = Vec::new();
    for language in MODULES.into_iter().chain(COMPONENTS) {
        let compiler = match language {
            "c" | "zig" => tools::zig(folder),
            "go" => tools::go(folder),
            "python" => tools::componentize_py(folder),
            _ => Ok(PathBuf::new()),
        };
        match compiler {
            Ok(compiler) => make(bluecrab, &apps, language, &path_with(&compiler)?)?,
            Err(error) => skipped.push(format!("the template in {language} is skipped: {error:#}")),
        }
    }
    Ok((apps, skipped))
}

fn make(bluecrab: &Path, apps: &Path, language: &str, path: &OsString) -> Result<()> {
    let within = |folder: &Path, arguments: &[&str]| {
        let mut command = Command::new(bluecrab);
        command.args(arguments).current_dir(folder).env("PATH", path);
        command
    };
    let new = within(apps, &["new", language, "--lang", language]);
    step(&format!("Make an app in {language}"), new)?;
    step("Build it", within(&apps.join(language), &["build"]))
}

/// The search path, with the folder of the compiler first.
fn path_with(compiler: &Path) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folder = compiler.parent().filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_owned);
    Ok(std::env::join_paths(folder.into_iter().chain(std::env::split_paths(&path)))?)
}

/// Copies the module or component of each app to the programs, to be measured beside them.
pub fn copy_built(apps: &Path, programs: &Path) -> Result<()> {
    let built = |language: &str, extension: &str| apps.join(language).join(language).with_extension(extension);
    for language in MODULES.into_iter().filter(|language| built(language, "wasm").exists()) {
        let target = programs.join(format!("module-{language}.wasm"));
        copy_module(&built(language, "wasm"), &target)?;
        let sidecar = built(language, "functions.json");
        if sidecar.exists() {
            copy(&sidecar, &target.with_extension("functions.json"))?;
        }
    }
    for language in COMPONENTS.into_iter().filter(|language| built(language, "wasm").exists()) {
        let target = programs.join(format!("component-{language}.wasm"));
        copy(&built(language, "wasm"), &target)?;
        copy_folder(&built(language, "jco"), &target.with_extension("jco"))?;
    }
    Ok(())
}
