//! The package manager of an app: npm, pnpm, Yarn or Bun. Each has its own lock file and its own layout of
//! `node_modules`, so the command uses only the app's package manager.

use crate::json::read_json;
use crate::member::{self, is_workspace};
use crate::tools;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Options for npm at each installation.
pub const QUIETLY: [&str; 3] = ["--no-audit", "--no-fund", "--loglevel=error"];

/// Files that show which package manager an app uses if there is no lock file.
const SIGNS: [(&str, Manager); 5] = [
    ("pnpm-workspace.yaml", Manager::Pnpm),
    (".yarnrc.yml", Manager::Yarn),
    ("node_modules/.modules.yaml", Manager::Pnpm),
    ("node_modules/.yarn-state.yml", Manager::Yarn),
    ("node_modules/.yarn-integrity", Manager::Yarn),
];

/// What Yarn writes instead of `node_modules`, unless it is told otherwise.
const PLUG_AND_PLAY: &str = ".pnp.cjs";

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// The package manager that comes with Node.js.
    Npm,
    /// <https://pnpm.io>
    Pnpm,
    /// <https://yarnpkg.com>, version 1 or newer
    Yarn,
    /// <https://bun.sh>
    Bun,
}

impl Manager {
    /// Returns the package manager of an app: the one that its folder or the workspace around it names, or else npm.
    pub fn of(app: &Path) -> Result<Self> {
        Ok(Self::asked_for(app)?.unwrap_or(Self::Npm))
    }

    /// Returns the package manager that a package's folder or the workspace around it names.
    pub fn asked_for(package: &Path) -> Result<Option<Self>> {
        with_workspaces(package).find_map(|folder| asked_for_in(folder).transpose()).transpose()
    }

    /// All package managers. npm comes last, because its lock file may come from a command that was typed by mistake.
    pub const ALL: [Self; 4] = [Self::Pnpm, Self::Bun, Self::Yarn, Self::Npm];

    /// Returns the names that the package manager's lock file may have.
    pub fn locks(self) -> &'static [&'static str] {
        match self {
            Self::Npm => &["package-lock.json", "npm-shrinkwrap.json"],
            Self::Pnpm => &["pnpm-lock.yaml"],
            Self::Yarn => &["yarn.lock"],
            Self::Bun => &["bun.lock", "bun.lockb"],
        }
    }

    /// Returns whether a folder contains the package manager's lock file.
    pub fn has_lock(self, folder: &Path) -> bool {
        self.locks().iter().any(|name| folder.join(name).is_file())
    }

    /// Returns the root of the workspace whose lock file has the versions of an app's packages. Returns `None` if the
    /// app has a lock file of its own, or is not a member of a workspace.
    pub fn workspace_of(self, app: &Path) -> Option<&Path> {
        let root = app.ancestors().find(|folder| self.has_lock(folder)).filter(|root| *root != app)?;
        let is_member = match self {
            // The patterns for members are in YAML. The lock file lists the members.
            Self::Pnpm => {
                let lock = fs::read_to_string(root.join("pnpm-lock.yaml")).ok()?;
                let member = app.strip_prefix(root).ok()?.to_string_lossy().replace('\\', "/");
                lock.lines().any(|line| line.trim_matches([' ', '\'', ':']) == member)
            }
            _ => member::all_in(root).iter().any(|folder| folder == app),
        };
        is_member.then_some(root)
    }

    /// Returns the name, which is also the name of the program.
    pub fn name(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pnpm => "pnpm",
            Self::Yarn => "yarn",
            Self::Bun => "bun",
        }
    }

    /// Adds a package to the app's dependencies, or to those for its development. `from` is a range of versions, or
    /// `file:` with the path of a tarball, relative to the app's folder.
    pub fn add(self, name: &str, from: &str, for_development: bool, app: &Path) -> Result<()> {
        let tarball = from.strip_prefix("file:").map(|path| format!("./{path}"));
        let package = match (self, tarball) {
            (_, None) => format!("{name}@{from}"),
            (Self::Npm | Self::Pnpm, Some(file)) => file,
            (Self::Yarn | Self::Bun, Some(file)) => format!("{name}@file:{file}"),
        };
        let mut add = match self {
            Self::Npm => npm(&[&["install", &package], &QUIETLY[..]].concat()),
            Self::Pnpm => self.command(&["add", &package, "--ignore-workspace-root-check"]),
            Self::Yarn | Self::Bun => self.command(&["add", &package]),
        };
        if for_development {
            add.arg(if self == Self::Npm || self == Self::Pnpm { "--save-dev" } else { "--dev" });
        }
        self.run(add.current_dir(app))
    }

    /// Installs all packages of an app.
    pub fn install(self, app: &Path) -> Result<()> {
        let quietly: &[&str] = if self == Self::Npm { &QUIETLY } else { &[] };
        self.run(self.command(&["install"]).args(quietly).current_dir(app))
    }

    /// Returns a command of this package manager.
    pub fn command(self, arguments: &[&str]) -> Command {
        let mut command = tools::in_path(self.name());
        command.args(arguments);
        command
    }

    /// Runs a command of this package manager, and prints its output only if it fails.
    pub fn run(self, command: &mut Command) -> Result<()> {
        let name = self.name();
        tools::run_silently(command).with_context(|| match self {
            Self::Npm => "npm could not install the packages".to_owned(),
            _ => format!(
                "this app uses {name}, which must be installed (`npm install --global {name}`) and able to run here"
            ),
        })
    }
}

/// Fails if Yarn keeps the app's packages in its cache (Plug'n'Play) instead of in `node_modules`.
///
/// Node.js finds such packages only with an option, `--require`. The platform does not set it.
pub fn check_layout(app: &Path) -> Result<()> {
    let Some(folder) = with_workspaces(app).find(|folder| folder.join(PLUG_AND_PLAY).is_file()) else { return Ok(()) };
    bail!(
        "{} is a file of Yarn's Plug'n'Play, with which neither this host nor Azure finds the app's packages: add the \
         line `nodeLinker: node-modules` to .yarnrc.yml, and run `yarn install`",
        folder.join(PLUG_AND_PLAY).display()
    );
}

/// Returns the app's folder and the roots of the workspaces around it.
fn with_workspaces(app: &Path) -> impl Iterator<Item = &Path> {
    app.ancestors().filter(move |folder| *folder == app || is_workspace(folder))
}

/// Returns a command that runs npm, even if the app has another package manager.
pub fn npm(arguments: &[&str]) -> Command {
    Manager::Npm.command(arguments)
}

fn asked_for_in(folder: &Path) -> Result<Option<Manager>> {
    let file = folder.join("package.json");
    let package = if file.is_file() { read_json(&file)? } else { Value::Null };
    let fields = [package.get("packageManager"), package.pointer("/devEngines/packageManager/name")];
    if let Some(asked) = fields.into_iter().flatten().find_map(Value::as_str) {
        let name = asked.split('@').next().unwrap_or(asked);
        let Some(manager) = Manager::ALL.into_iter().find(|manager| manager.name() == name) else {
            bail!(
                "{} asks for the package manager `{name}`, which this command does not support (it supports npm, pnpm, \
                 Yarn and Bun): use it to install the packages and the package `bluecrab`",
                file.display()
            );
        };
        return Ok(Some(manager));
    }
    let by_lock = Manager::ALL.into_iter().find(|manager| manager.has_lock(folder));
    let by_sign = || SIGNS.into_iter().find(|(sign, _)| folder.join(sign).exists()).map(|(_, manager)| manager);
    Ok(by_lock.or_else(by_sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manager_of(files: &[(&str, &str)], app: &str) -> Result<Manager, String> {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        Manager::of(&folder.path().join(app)).map_err(|error| error.to_string())
    }

    #[test]
    fn finds_the_package_manager_of_the_app_or_its_workspace() {
        use Manager::{Bun, Npm, Pnpm, Yarn};
        for (files, manager) in [
            (&[][..], Npm),
            (&[("package-lock.json", "{}")], Npm),
            (&[("yarn.lock", "")], Yarn),
            (&[("bun.lock", "")], Bun),
            (&[("package.json", r#"{ "packageManager": "yarn@4.9.1+sha224.1" }"#), ("pnpm-lock.yaml", "")], Yarn),
            (&[("package.json", r#"{ "devEngines": { "packageManager": { "name": "bun" } } }"#)], Bun),
            // The lock file of npm does not count: somebody has run npm by mistake.
            (&[("pnpm-lock.yaml", ""), ("package-lock.json", "{}")], Pnpm),
            (&[("node_modules/.modules.yaml", "")], Pnpm),
        ] {
            assert_eq!(manager_of(files, ""), Ok(manager), "{files:?}");
        }
        let workspace = [("pnpm-workspace.yaml", "packages: [apps/*]"), ("apps/shop/package.json", "{}")];
        assert_eq!(manager_of(&workspace, "apps/shop"), Ok(Pnpm));
        let workspace = [("package.json", r#"{ "workspaces": ["apps/*"] }"#), ("yarn.lock", "")];
        assert_eq!(manager_of(&workspace, "apps/shop"), Ok(Yarn));
        // A lock file in a folder above that is not a workspace does not count.
        assert_eq!(manager_of(&[("yarn.lock", ""), ("package.json", "{}")], "apps/shop"), Ok(Npm));
        let said = manager_of(&[("package.json", r#"{ "packageManager": "vlt@1.0.0" }"#)], "").unwrap_err();
        assert!(said.contains("package.json asks for the package manager `vlt`"), "{said}");
    }

    #[test]
    fn finds_the_workspace_whose_lock_file_counts() {
        let root = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let file = root.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        let (shop, other) = (root.path().join("apps/shop"), root.path().join("other"));
        write("apps/shop/package.json", "{}");
        write("other/package.json", "{}");
        write("package.json", r#"{ "workspaces": { "packages": ["./apps/*/"] } }"#);
        write("package-lock.json", "{}");
        write("pnpm-lock.yaml", "importers:\n\n  .: {}\n\n  apps/shop:\n    dependencies: {}\n");
        for manager in [Manager::Npm, Manager::Pnpm] {
            assert_eq!(manager.workspace_of(&shop), Some(root.path()), "{}", manager.name());
            assert_eq!(manager.workspace_of(&other), None, "{}", manager.name());
            assert_eq!(manager.workspace_of(root.path()), None, "{}", manager.name());
        }
        assert_eq!(Manager::Bun.workspace_of(&shop), None);
        write("apps/shop/package-lock.json", "{}");
        assert_eq!(Manager::Npm.workspace_of(&shop), None);
    }

    #[test]
    fn refuses_plug_and_play_of_the_app_and_of_its_workspace() {
        let folder = tempfile::tempdir().unwrap();
        let app = folder.path().join("apps/shop");
        fs::create_dir_all(&app).unwrap();
        fs::write(folder.path().join(".pnp.cjs"), "").unwrap();
        // The folder is not a workspace yet, so its `.pnp.cjs` does not concern the app.
        assert!(check_layout(&app).is_ok());
        fs::write(folder.path().join("package.json"), r#"{ "workspaces": ["apps/*"] }"#).unwrap();
        for app in [folder.path(), &app] {
            let said = check_layout(app).unwrap_err().to_string();
            assert!(said.contains("`nodeLinker: node-modules`"), "{said}");
        }
    }
}
