//! Whether the installed library runs the app's modules, and whether the platform can load the app's binaries.

use super::finding::Finding;
use crate::app::App;
use crate::crates::Crates;
use crate::ignored::Ignored;
use crate::module::Module;
use crate::{binaries, files, tools};
use anyhow::Result;
use serde_json::Value;
use std::process::Command;

/// Loads a function of each module with the app's own library, and prints why it cannot be loaded. The last line says
/// that the script has come to its end.
const LOAD: &str = r"
const { callable } = require('bluecrab/callable');
const lines = JSON.parse(process.argv[1]).map(([file, name]) => {
  try {
    callable(file, name);
    return null;
  } catch (error) {
    return error.message;
  }
});
console.log(JSON.stringify(lines));
process.exit();
";

/// Checks each function of each module: the library reads its ABI, and provides what it imports and requires.
pub fn library(app: &App, modules: &[Module], node: &str) -> Vec<Finding> {
    if modules.is_empty() {
        return vec![Finding::note(
            "there is no module next to package.json",
            "`bluecrab build` or `bluecrab dev` builds the app's crates",
        )];
    }
    let functions: Vec<_> = modules
        .iter()
        .flat_map(|module| module.functions.iter().map(|function| (module.name(), function.name.as_str())))
        .collect();
    let reasons = match load(app, node, &functions) {
        Ok(reasons) => reasons,
        Err(error) => {
            let mend = "install the npm package bluecrab with `bluecrab add`, or with the app's package manager";
            return vec![Finding::problem(format!("the library cannot load the modules: {error:#}"), mend)];
        }
    };
    let refusals: Vec<Finding> = reasons
        .iter()
        .filter_map(Value::as_str)
        .map(|reason| Finding::problem(reason, "build the module again, or update the npm package bluecrab"))
        .collect();
    if !refusals.is_empty() {
        return refusals;
    }
    let names: Vec<String> = modules.iter().map(Module::name).collect();
    vec![Finding::ok(format!("the library loads {}", names.join(", ")))]
}

fn load(app: &App, node: &str, functions: &[(String, &str)]) -> Result<Vec<Value>> {
    let mut command = Command::new(node);
    let plug_and_play = app.root.ancestors().map(|folder| folder.join(".pnp.cjs")).find(|file| file.is_file());
    if let Some(file) = plug_and_play {
        command.arg("--require").arg(file);
    }
    command.args(["--eval", LOAD, "--", &serde_json::to_string(functions)?]).current_dir(&app.root);
    let printed = tools::output(command).map_err(short)?;
    Ok(serde_json::from_str(printed.lines().last().unwrap_or_default())?)
}

/// Keeps the line of Node.js's output that says what is wrong.
fn short(error: anyhow::Error) -> anyhow::Error {
    let text = format!("{error:#}");
    let line = text.lines().find_map(|line| line.trim().strip_prefix("Error: "));
    line.map_or(error, |line| anyhow::anyhow!("{line}"))
}

/// Checks the binaries of the app, and of its packages if `bluecrab package` would take those that are installed here.
pub fn native_files(app: &App, crates: Crates) -> Option<Finding> {
    let found = || -> Result<()> {
        let ignored = Ignored::of(&app.root, crates.folders(app)?.iter().map(String::as_str))?;
        let mut files = files::of_app(app, &crates.target_folders, &ignored)?;
        if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            files.extend(files::of_packages(&app.root, &ignored)?);
        }
        binaries::check(&files)
    };
    found().err().map(|error| Finding::error(&error))
}
