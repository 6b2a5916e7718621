//! What the app needs: its packages, settings, extension bundle and storage.

use super::finding::Finding;
use super::machine::would_be_committed;
use crate::add::add_line;
use crate::app::App;
use crate::azurite;
use crate::manifest::Function;
use crate::module::Module;
use crate::npm::{self, Manager};
use anyhow::Context;
use std::collections::BTreeSet;
use std::fs;

const LOCAL_SETTINGS: &str = "local.settings.json";
/// The extension bundle, as `bluecrab new` writes it into host.json.
const BUNDLE: &str =
    r#""extensionBundle": { "id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)" }"#;

/// Checks whether the packages of package.json are installed.
pub fn packages(app: &App) -> Finding {
    if let Err(error) = npm::check_layout(&app.root) {
        return Finding::error(&error);
    }
    let Some(missing) = app.missing_package() else { return Finding::ok("the npm packages are installed") };
    let root = app.root.clone();
    let manager = Manager::of(&root).map_or("npm", Manager::name);
    Finding::problem(format!("the npm package {missing} is not installed"), format!("run `{manager} install`"))
        .fixed_by(format!("installed the packages with {manager}"), move || Manager::of(&root)?.install(&root))
}

/// Checks that local.settings.json exists, and that git does not commit it. Whether it can be read is checked with
/// host.json.
pub fn settings(app: &App) -> Vec<Finding> {
    let file = app.root.join(LOCAL_SETTINGS);
    let mut findings = Vec::new();
    if !file.is_file() {
        let what = format!("there is no {LOCAL_SETTINGS}, without which `func start` does not run the app");
        let text = "{\n  \"IsEncrypted\": false,\n  \"Values\": { \"FUNCTIONS_WORKER_RUNTIME\": \"node\" }\n}\n";
        let write = move || fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()));
        let note = Finding::note(what, "create it, with the settings for this machine");
        findings.push(note.fixed_by(format!("created {LOCAL_SETTINGS}"), write));
    }
    if would_be_committed(&app.root, LOCAL_SETTINGS) {
        let ignore = app.root.join(".gitignore");
        let what = format!("git does not ignore {LOCAL_SETTINGS}, which may hold secrets");
        findings.push(
            Finding::note(what, format!("add the line `{LOCAL_SETTINGS}` to .gitignore"))
                .fixed_by(format!("added {LOCAL_SETTINGS} to .gitignore"), move || add_line(&ignore, LOCAL_SETTINGS)),
        );
    }
    findings
}

/// Checks that host.json names the extension bundle if a function of a module needs it on the platform.
pub fn extension_bundle(app: &App, settings: &bluecrab_host::App, modules: &[Module]) -> Option<Finding> {
    let needs = functions(modules).find(|function| function.needs_extension())?;
    if settings.has_extension_bundle {
        return Some(Finding::ok("host.json names the extension bundle"));
    }
    let what = format!(
        "host.json names no extension bundle, so Azure does not know the trigger or the bindings of {}",
        needs.name
    );
    let problem = Finding::problem(what, format!("add to host.json: {BUNDLE}"));
    let file = app.root.join("host.json");
    let text = fs::read_to_string(&file).unwrap_or_default();
    Some(match with_bundle(&text) {
        Some(text) => problem.fixed_by("added the extension bundle to host.json", move || {
            fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
        }),
        None => problem,
    })
}

/// Adds the bundle as the first member of a host.json without comments. Leaves everything else as it is.
fn with_bundle(host_json: &str) -> Option<String> {
    let members: serde_json::Map<_, _> = serde_json::from_str(host_json).ok()?;
    let (before, rest) = host_json.split_once('{')?;
    let comma = if members.is_empty() { "\n" } else { "," };
    Some(format!("{before}{{\n  {BUNDLE}{comma}{rest}"))
}

/// Checks the storage accounts that the functions of the modules use.
pub fn storage(app: &App, settings: &bluecrab_host::App, modules: &[Module]) -> Vec<Finding> {
    let connections: BTreeSet<Option<&str>> = functions(modules).flat_map(Function::storage_connections).collect();
    let check = |connection: Option<&str>| match settings.check_storage(connection) {
        Err(error) => Finding::problem(error.to_string(), "functions with this connection do not run until then"),
        Ok(None) => Finding::ok(format!("{} names a storage account", connection.unwrap_or("AzureWebJobsStorage"))),
        Ok(Some(ports)) if azurite::runs(ports) => Finding::ok("the storage emulator Azurite runs"),
        Ok(Some(_)) if azurite::is_installed(&app.root) => {
            Finding::ok("the storage emulator Azurite, which `bluecrab dev` starts, is installed")
        }
        Ok(Some(_)) => Finding::note(
            "the storage emulator Azurite is not installed",
            "`bluecrab dev` installs it (360 MB) when a function needs it",
        ),
    };
    connections.into_iter().map(check).collect()
}

fn functions(modules: &[Module]) -> impl Iterator<Item = &Function> {
    modules.iter().flat_map(|module| &module.functions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_the_bundle_and_leaves_the_rest_of_host_json() {
        for (before, after) in [
            ("{}", format!("{{\n  {BUNDLE}\n}}")),
            ("{\n  \"version\": \"2.0\"\n}\n", format!("{{\n  {BUNDLE},\n  \"version\": \"2.0\"\n}}\n")),
        ] {
            let text = with_bundle(before).unwrap();
            assert_eq!(text, after);
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
        assert_eq!(with_bundle("// {\n{ }"), None);
    }
}
