//! What an app needs on Azure's machines: its packages for production, installed for Linux on x64 in a copy of the app.

use crate::app::{App, read_json};
use crate::files;
use crate::ignored::Ignored;
use crate::npm::{Manager, QUIETLY};
use crate::tools;
use anyhow::{Context, Result};
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The scripts of an app that run when its packages are installed. They may need packages for development.
const SCRIPTS: [&str; 7] =
    ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];

/// The platform's system, as npm and pnpm take it.
const SYSTEM: [&str; 3] = ["--os=linux", "--cpu=x64", "--libc=glibc"];

/// The platform's system, as the install scripts take it that download a binary.
const SYSTEM_OF_SCRIPTS: [(&str, &str); 5] = [
    ("npm_config_platform", "linux"),
    ("npm_config_arch", "x64"),
    ("npm_config_libc", "glibc"),
    ("npm_config_target_platform", "linux"),
    ("npm_config_target_arch", "x64"),
];

/// Copies the app and installs its packages there, with the versions in its lock file; nothing if it has no packages.
pub fn install(app: &App, target_folders: &[PathBuf], ignored: &Ignored) -> Result<Option<TempDir>> {
    let has_scripts = SCRIPTS.iter().any(|script| app.package.scripts.contains_key(*script));
    if !app.has_dependencies() && !has_scripts {
        return Ok(None);
    }
    let staging = tempfile::tempdir().context("cannot make a folder for what is packed")?;
    let copy = staging.path();
    files::copy_app(&app.root, target_folders, ignored, copy)?;
    let manager = Manager::of(&app.root)?;
    let has_lock = manager.has_lock(copy);
    if !has_lock {
        tell!(
            "note: {} has no lock file of {}: the newest versions that package.json allows are packed",
            app.root.display(),
            manager.name()
        );
    }
    tell!("Installing the packages for production with {}", manager.name());
    let installation = Installation { manager, copy, has_lock };
    let installed = if has_scripts {
        tell!(
            "The app's own install scripts run in a copy of it, with its packages for development, which are removed after"
        );
        installation.with_scripts()
    } else {
        installation.production()
    };
    installed.context(
        "the packages for production could not be installed for Linux on x64, for which `bluecrab package` packs; if this \
         machine is another one, run it on Linux on x64, such as in continuous integration",
    )?;
    Ok(Some(staging))
}

struct Installation<'a> {
    manager: Manager,
    copy: &'a Path,
    has_lock: bool,
}

impl Installation<'_> {
    /// Installs what production needs. The app has no scripts to run.
    fn production(&self) -> Result<()> {
        match self.manager {
            Manager::Npm => self.run(&[self.npm_verb(), "--omit=dev", "--prefer-offline"], &[&SYSTEM, &QUIETLY]),
            Manager::Pnpm => self
                .run(&["install", "--prod", self.pnpm_lock(), "--config.node-linker=hoisted"], &[&self.pnpm_system()?]),
            Manager::Yarn if self.is_classic()? => {
                self.run(&["install", "--production", "--non-interactive"], &[self.frozen()])
            }
            Manager::Yarn => {
                // Without it, Yarn takes a folder above for the project's.
                OpenOptions::new().create(true).append(true).open(self.copy.join("yarn.lock"))?;
                self.run(&["workspaces", "focus", "--production"], &[])
            }
            Manager::Bun => {
                self.run(&["install", "--production", "--linker=hoisted", "--os=linux", "--cpu=x64"], &[self.frozen()])
            }
        }
    }

    /// Installs everything, which runs the app's scripts, and removes what only development needs.
    fn with_scripts(&self) -> Result<()> {
        match self.manager {
            Manager::Npm => {
                self.run(&[self.npm_verb(), "--prefer-offline"], &[&SYSTEM, &QUIETLY])?;
                self.run(&["prune", "--omit=dev", "--ignore-scripts"], &[&SYSTEM, &QUIETLY])
            }
            Manager::Pnpm => {
                let system = self.pnpm_system()?;
                self.run(&["install", self.pnpm_lock(), "--config.node-linker=hoisted"], &[&system])?;
                self.run(&["prune", "--prod", "--ignore-scripts", "--config.node-linker=hoisted"], &[])
            }
            Manager::Yarn if self.is_classic()? => {
                self.run(&["install", "--non-interactive"], &[self.frozen()])?;
                self.run(&["install", "--production", "--ignore-scripts", "--non-interactive"], &[self.frozen()])
            }
            Manager::Yarn => {
                self.run(&["install"], &[if self.has_lock { &["--immutable"] } else { &[] }])?;
                self.without_scripts(|| self.production())
            }
            Manager::Bun => {
                let system = ["--linker=hoisted", "--os=linux", "--cpu=x64"];
                self.run(&["install"], &[&system, self.frozen()])?;
                tell!("note: Bun cannot remove the packages that only development needs; they are packed too");
                Ok(())
            }
        }
    }

    /// Yarn runs the app's scripts at every installation, and these have run.
    fn without_scripts(&self, install: impl FnOnce() -> Result<()>) -> Result<()> {
        let file = self.copy.join("package.json");
        let mut package = read_json(&file)?;
        let original = fs::read(&file).context("cannot read package.json")?;
        if let Some(package) = package.as_object_mut() {
            package.remove("scripts");
        }
        fs::write(&file, package.to_string()).context("cannot write package.json")?;
        install()?;
        fs::write(&file, original).context("cannot write package.json")
    }

    fn npm_verb(&self) -> &'static str {
        if self.has_lock { "ci" } else { "install" }
    }

    fn pnpm_lock(&self) -> &'static str {
        if self.has_lock { "--frozen-lockfile" } else { "--no-frozen-lockfile" }
    }

    fn frozen(&self) -> &'static [&'static str] {
        if self.has_lock { &["--frozen-lockfile"] } else { &[] }
    }

    /// pnpm can install for another system since 10.14.
    fn pnpm_system(&self) -> Result<Vec<&'static str>> {
        let version = self.version()?;
        let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
        let is_new = (numbers.next(), numbers.next()) >= (Some(10), Some(14));
        Ok(if is_new { SYSTEM.to_vec() } else { Vec::new() })
    }

    /// Yarn 1 has other commands than its successors.
    fn is_classic(&self) -> Result<bool> {
        Ok(self.version()?.starts_with("1."))
    }

    fn version(&self) -> Result<String> {
        tools::output(self.command(&["--version"]))
    }

    fn run(&self, arguments: &[&str], more: &[&[&str]]) -> Result<()> {
        self.manager.run(&mut self.command(&[arguments, &more.concat()].concat()))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.manager.command(arguments);
        command.current_dir(self.copy).envs(SYSTEM_OF_SCRIPTS);
        // pnpm asks before it removes packages unless nobody can answer; Yarn has another layout by default, which needs
        // a start-up option of Node.js that the platform does not give.
        command.env("CI", "true").env("YARN_NODE_LINKER", "node-modules");
        command
    }
}
