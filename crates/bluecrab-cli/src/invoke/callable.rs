//! Calls a `#[callable]` function. The host does not know it, because only JavaScript calls it: so a Node.js program
//! with the app's own library does.

use super::{InvokeArgs, print};
use crate::library;
use crate::module::Module;
use crate::tools;
use anyhow::{Result, bail};
use std::io::Write;
use std::path::Path;
use std::process::{ExitCode, Stdio};

/// Passes the standard input to the function, and prints the result, or the reason of its failure.
const CALL: &str = r"
const { readFileSync } = require('node:fs');
const [file, name] = process.argv.slice(1);
(async () => {
  const { callable } = require('bluecrab/callable');
  const result = await callable(file, name)(readFileSync(0));
  for (const { name, bytes } of result.outputs) console.error(`output ${name}: ${Buffer.from(bytes)}`);
  process.stdout.write(result);
})().catch((error) => {
  const isMissing = error.code === 'MODULE_NOT_FOUND';
  const reason = isMissing ? 'the npm package bluecrab is not installed in the app' : error.message;
  console.error(`error: ${name}: ${reason}`);
  process.exitCode = 1;
});
";

/// A function of a module that has no trigger.
pub struct Callable {
    /// The function's name, as the module spells it.
    pub name: String,
    /// The name of the module's file.
    file: String,
}

impl Callable {
    /// Returns the callable functions of the modules in a folder.
    pub fn all_in(folder: &Path) -> Vec<Self> {
        let mut callables = Vec::new();
        for module in Module::all_in(folder).unwrap_or_default() {
            let file = module.name();
            let without_trigger = module.functions.into_iter().filter(|function| function.is_callable());
            callables.extend(without_trigger.map(|function| Self { name: function.name, file: file.clone() }));
        }
        callables
    }

    /// Calls the function in a new process with the app's settings, and prints what it returned.
    pub fn call(&self, arguments: &InvokeArgs, data: Option<&[u8]>) -> Result<ExitCode> {
        let Self { name, file } = self;
        if let Some(option) = arguments.options_of_triggers().next() {
            bail!(
                "{option} is for functions with a trigger, and {name} of {file} has none: it takes only --data or --file"
            );
        }
        let app = bluecrab_host::App::read(&arguments.app)?;
        let mut command = library::script(&app.root, "node", CALL);
        command.args([file, name]).envs(&app.settings).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = tools::spawn(&mut command)?;
        if let Some(mut input) = process.stdin.take() {
            // A program that has ended says why by itself.
            drop(input.write_all(data.unwrap_or_default()));
        }
        let output = tools::wait(process)?;
        if !output.status.success() {
            return Ok(ExitCode::FAILURE);
        }
        tell!("{name} has run, from {file} and without the host");
        print(&output.stdout)?;
        Ok(ExitCode::SUCCESS)
    }
}
