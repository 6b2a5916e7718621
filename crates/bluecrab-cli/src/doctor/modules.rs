//! Whether the installed library runs the app's modules, and whether the platform can load what is deployed.

use super::finding::Finding;
use crate::app::App;
use crate::crates::Crates;
use crate::library;
use crate::module::Module;
use crate::package::ignored::Ignored;
use crate::package::{self, binaries, files};
use anyhow::{Result, anyhow};
use serde_json::Value;

/// Checks each function of each module: the library reads its ABI, and provides what it imports and requires.
pub fn library(app: &App, modules: &[Module], has_crates: bool, node: &str) -> Vec<Finding> {
    if modules.is_empty() {
        let mend = if has_crates || !app.package.bluecrab.build.is_empty() {
            "`bluecrab build` builds the app's modules"
        } else {
            "`bluecrab add NAME` adds a crate, and `bluecrab build` builds it"
        };
        return vec![Finding::note("there is no module next to package.json", mend)];
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
        .map(|reason| {
            // Other reasons say what to do, or the module itself is at fault.
            if ["does not provide", "does not export"].iter().any(|missing| reason.contains(missing)) {
                Finding::problem(reason, "build the module again, or update the npm package bluecrab")
            } else {
                Finding::error(&anyhow!("{reason}"))
            }
        })
        .collect();
    if !refusals.is_empty() {
        return refusals;
    }
    let names: Vec<String> = modules.iter().map(Module::name).collect();
    vec![Finding::ok(format!("the library loads {}", names.join(", ")))]
}

/// Checks whether `main` in package.json names files of the app, and whether the platform can load the binaries: those
/// of the app, and those of its packages if `bluecrab package` would take the packages that are installed here.
pub fn deployed_files(app: &App, crates: Crates) -> Option<Finding> {
    let found = || -> Result<()> {
        let ignored = Ignored::of(&app.root, crates.folders(app)?.iter().map(String::as_str))?;
        let mut files = files::of_app(app, &crates.target_folders, &ignored)?;
        package::check_main(app, &files)?;
        if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            files.extend(files::of_packages(&app.root, &ignored)?);
        }
        binaries::check(&files)
    };
    found().err().map(|error| Finding::error(&error))
}
