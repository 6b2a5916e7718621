//! Runs scripts with the npm package `bluecrab` of an app, and loads modules with it.

use crate::app::App;
use crate::module::Module;
use crate::tools;
use anyhow::Result;
use serde_json::Value;
use std::path::Path;
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

/// Loads each function of the modules in a new process. Returns for each function why it cannot be loaded, or null.
pub fn load(app: &App, node: &str, modules: &[Module]) -> Result<Vec<Value>> {
    let functions: Vec<_> = modules
        .iter()
        .flat_map(|module| module.functions.iter().map(|function| (module.name(), function.name.as_str())))
        .collect();
    let mut command = script(&app.root, node, LOAD);
    command.arg(serde_json::to_string(&functions)?);
    let printed = tools::output(command).map_err(short)?;
    Ok(serde_json::from_str(printed.lines().last().unwrap_or_default())?)
}

/// Returns a command that runs a script in the folder of an app, with the app's packages. Its further arguments are the
/// script's.
pub fn script(root: &Path, node: &str, script: &str) -> Command {
    let mut command = Command::new(node);
    let plug_and_play = root.ancestors().map(|folder| folder.join(".pnp.cjs")).find(|file| file.is_file());
    if let Some(file) = plug_and_play {
        command.arg("--require").arg(file);
    }
    command.args(["--eval", script, "--"]).current_dir(root);
    command
}

/// Keeps the line of Node.js's output that says what is wrong.
fn short(error: anyhow::Error) -> anyhow::Error {
    let text = format!("{error:#}");
    let line = text.lines().find_map(|line| line.trim().strip_prefix("Error: "));
    line.map_or(error, |line| anyhow::anyhow!("{line}"))
}
