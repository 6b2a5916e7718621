//! Whether the installed library runs the app's modules, and whether the platform can load the app's binaries.

use super::finding::Finding;
use crate::app::App;
use crate::crates::Crates;
use crate::ignored::Ignored;
use crate::module::Module;
use crate::{binaries, files, library};
use anyhow::Result;
use serde_json::Value;

/// Checks each function of each module: the library reads its ABI, and provides what it imports and requires.
pub fn library(app: &App, modules: &[Module], node: &str) -> Vec<Finding> {
    if modules.is_empty() {
        return vec![Finding::note(
            "there is no module next to package.json",
            "`bluecrab build` or `bluecrab dev` builds the app's crates",
        )];
    }
    let reasons = match library::load(app, node, modules) {
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
