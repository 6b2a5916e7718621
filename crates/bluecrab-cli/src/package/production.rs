//! Installs an app's production packages for Linux on x64, in a copy of the app.

use super::files::{self, Files};
use super::ignored::Ignored;
use super::layout::{self, Layout};
use crate::app::App;
use crate::json::read_json;
use crate::member;
use crate::npm::{Manager, QUIETLY};
use crate::tools;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The scripts of an app that run when its packages are installed. They may need development packages.
const SCRIPTS: [&str; 7] =
    ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];

/// The platform's system, as options for npm and pnpm.
const SYSTEM: [&str; 3] = ["--os=linux", "--cpu=x64", "--libc=glibc"];

/// The platform's system, as variables for install scripts that download a binary.
const SYSTEM_OF_SCRIPTS: [(&str, &str); 5] = [
    ("npm_config_platform", "linux"),
    ("npm_config_arch", "x64"),
    ("npm_config_libc", "glibc"),
    ("npm_config_target_platform", "linux"),
    ("npm_config_target_arch", "x64"),
];

/// A copy of an app with its production packages.
pub struct Production {
    /// The app's folder in the copy.
    pub app: PathBuf,
    /// The root of the copied workspace, or the app itself, if links may lead out of the app's `node_modules`.
    root: Option<PathBuf>,
    /// The folders of packages whose files were copied, relative to the staging folder.
    folders: BTreeSet<PathBuf>,
    staging: TempDir,
}

impl Production {
    /// Returns the files of the packages that are deployed.
    pub fn packages(&self, ignored: &Ignored) -> Result<Files> {
        match &self.root {
            Some(root) => {
                let layout = layout::of(&self.app)?;
                self.check_links(&layout)?;
                files::of_layout(&layout, &[root, &self.app], ignored)
            }
            None => files::of_packages(&self.app, ignored),
        }
    }

    /// Fails if a package is a link to a folder whose files were not copied.
    fn check_links(&self, layout: &Layout) -> Result<()> {
        let root = dunce::canonicalize(self.staging.path()).context("cannot read the temporary folder")?;
        for (place, folder) in layout {
            let path = folder.strip_prefix(&root).unwrap_or(folder);
            ensure!(
                layout::is_installed(folder) || self.folders.contains(path),
                "{place} leads to the folder {}, which is not deployed: name it by its path (`file:`) or, in a \
                 workspace, by `workspace:` and its own name",
                path.display()
            );
        }
        Ok(())
    }
}

/// Copies the app and installs its packages in the copy, with the versions in the lock file. Returns `None` if the app
/// has no packages.
pub fn install(app: &App, target_folders: &[PathBuf], ignored: &Ignored) -> Result<Option<Production>> {
    let has_scripts = SCRIPTS.iter().any(|script| app.package.scripts.contains_key(*script));
    if !app.has_dependencies() && !has_scripts {
        return Ok(None);
    }
    let staging = tempfile::tempdir().context("cannot create a temporary folder")?;
    let manager = Manager::of(&app.root)?;
    let workspace = manager.workspace_of(&app.root);
    let may_have_links = workspace.is_some() || app.has_folder_packages();
    let needed = if may_have_links { member::needed(&app.root)? } else { BTreeSet::new() };
    let root = workspace.unwrap_or(&app.root);
    let real_root = dunce::canonicalize(root).with_context(|| format!("cannot read {}", root.display()))?;
    let start = common_folder(&real_root, &needed)?;
    let root_copy = staging.path().join(real_root.strip_prefix(start)?);
    let copy = root_copy.join(app.root.strip_prefix(root)?);
    if workspace.is_some() {
        files::copy_workspace(root, &root_copy)?;
    }
    fs::create_dir_all(&copy).context("cannot create a temporary folder")?;
    files::copy_app(&app.root, target_folders, ignored, &copy)?;
    let folders = needed.iter().map(|folder| Ok(folder.strip_prefix(start)?.to_owned())).collect::<Result<_>>()?;
    copy_folders(&folders, start, staging.path(), &copy)?;
    let has_lock = workspace.is_some() || manager.has_lock(&copy);
    if !has_lock {
        tell!(
            "note: {} has no lock file of {}: the newest versions that package.json allows are packed",
            app.root.display(),
            manager.name()
        );
    }
    tell!("Installing the production packages with {}", manager.name());
    let place = if workspace.is_some() { Place::Member { root: &root_copy } } else { Place::App };
    let installation = Installation { manager, copy: &copy, has_lock, place };
    let installed = if has_scripts {
        tell!(
            "Running the app's install scripts in a copy of the app; the development packages are removed afterwards"
        );
        installation.with_scripts()
    } else {
        installation.production()
    };
    installed.context(
        "the production packages could not be installed for Linux on x64, the platform's system; if this machine has \
         another system, run `bluecrab package` on Linux on x64, for example in continuous integration",
    )?;
    install_in_links(&copy, manager)?;
    Ok(Some(Production { app: copy, root: may_have_links.then_some(root_copy), folders, staging }))
}

/// Returns the innermost folder that contains all of these. Below a copy of it, paths such as `../prices` stay right.
fn common_folder<'a>(root: &'a Path, others: &BTreeSet<PathBuf>) -> Result<&'a Path> {
    let mut common = root.ancestors().filter(|folder| others.iter().all(|other| other.starts_with(folder)));
    common.next().context("a package is on another drive than the app: name a folder or tarball on the app's drive")
}

/// Copies the packages in these folders, which are relative to `from` and `to`. Those in the app are there already.
fn copy_folders(folders: &BTreeSet<PathBuf>, from: &Path, to: &Path, app: &Path) -> Result<()> {
    for folder in folders {
        let copy = to.join(folder);
        if copy == app {
            continue;
        }
        if !copy.starts_with(app) {
            files::copy_package(&from.join(folder), &copy)?;
        }
        files::remove_scripts(&copy.join("package.json"))?;
    }
    Ok(())
}

/// Installs the packages that linked packages need, unless the app's installation has them: npm, and the others for
/// `link:`, install nothing for a folder outside of the app.
fn install_in_links(app: &Path, manager_of_app: Manager) -> Result<()> {
    let mut waiting = layout::links(app)?;
    let mut known = BTreeSet::new();
    while let Some(folder) = waiting.pop() {
        if !known.insert(folder.clone()) {
            continue;
        }
        if layout::lacks_packages(&folder)? {
            let manager = Manager::asked_for(&folder)?.unwrap_or(manager_of_app);
            let has_lock = manager.has_lock(&folder);
            let installation = Installation { manager, copy: &folder, has_lock, place: Place::Link };
            let name = folder.file_name().unwrap_or_default().display();
            installation.production().with_context(|| format!("cannot install the packages that {name} needs"))?;
        }
        waiting.extend(layout::links(&folder)?);
    }
    Ok(())
}

struct Installation<'a> {
    manager: Manager,
    copy: &'a Path,
    has_lock: bool,
    place: Place<'a>,
}

/// What the folder is in which packages are installed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place<'a> {
    /// An app that is not in a workspace.
    App,
    /// An app in the copy of a workspace. From it, only the production packages are taken.
    Member { root: &'a Path },
    /// A linked package. It is not a member of the workspace around it, if there is one.
    Link,
}

impl Installation<'_> {
    /// Installs the production packages of an app that has no install scripts.
    fn production(&self) -> Result<()> {
        match self.manager {
            Manager::Npm => self.run(&[self.npm_verb(), "--omit=dev", "--prefer-offline"], &[&SYSTEM, &QUIETLY]),
            Manager::Pnpm => {
                let alone: &[&str] = if self.place == Place::Link { &["--ignore-workspace"] } else { &[] };
                let install = ["install", "--prod", self.pnpm_lock(), "--config.node-linker=hoisted"];
                self.run(&install, &[&self.pnpm_system()?, alone])
            }
            Manager::Yarn if self.is_classic()? => self.classic(&["install", "--production", "--non-interactive"]),
            Manager::Yarn => {
                if !self.is_member() {
                    // Without this file, Yarn uses a project in a folder above.
                    OpenOptions::new().create(true).append(true).open(self.copy.join("yarn.lock"))?;
                }
                self.run(&["workspaces", "focus", "--production"], &[])
            }
            Manager::Bun => {
                self.run(&["install", "--production", "--linker=hoisted", "--os=linux", "--cpu=x64"], &[self.frozen()])
            }
        }
    }

    /// Installs all packages, which runs the app's install scripts, and then removes the development packages.
    fn with_scripts(&self) -> Result<()> {
        self.everything()?;
        if self.is_member() { Ok(()) } else { self.remove_development() }
    }

    fn is_member(&self) -> bool {
        matches!(self.place, Place::Member { .. })
    }

    fn everything(&self) -> Result<()> {
        match self.manager {
            Manager::Npm => self.run(&[self.npm_verb(), "--prefer-offline"], &[&SYSTEM, &QUIETLY]),
            Manager::Pnpm => {
                self.run(&["install", self.pnpm_lock(), "--config.node-linker=hoisted"], &[&self.pnpm_system()?])
            }
            Manager::Yarn if self.is_classic()? => self.classic(&["install", "--non-interactive"]),
            Manager::Yarn => self.run(&["install"], &[if self.has_lock { &["--immutable"] } else { &[] }]),
            Manager::Bun => self.run(&["install", "--linker=hoisted", "--os=linux", "--cpu=x64"], &[self.frozen()]),
        }
    }

    fn remove_development(&self) -> Result<()> {
        match self.manager {
            Manager::Npm => self.run(&["prune", "--omit=dev", "--ignore-scripts"], &[&SYSTEM, &QUIETLY]),
            Manager::Pnpm => self.run(&["prune", "--prod", "--ignore-scripts", "--config.node-linker=hoisted"], &[]),
            Manager::Yarn if self.is_classic()? => {
                self.classic(&["install", "--production", "--ignore-scripts", "--non-interactive"])
            }
            Manager::Yarn => self.without_scripts(|| self.production()),
            Manager::Bun => {
                tell!("note: Bun cannot remove development packages, so they are packed too");
                Ok(())
            }
        }
    }

    /// Removes the app's scripts for the second installation: they have already run, and Yarn would run them again.
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

    /// Returns the options for the platform's system; pnpm supports them since version 10.14.
    fn pnpm_system(&self) -> Result<Vec<&'static str>> {
        let version = self.version()?;
        let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
        let is_new = (numbers.next(), numbers.next()) >= (Some(10), Some(14));
        Ok(if is_new { SYSTEM.to_vec() } else { Vec::new() })
    }

    /// Returns whether this is Yarn 1, which has other commands than later versions.
    fn is_classic(&self) -> Result<bool> {
        Ok(self.version()?.starts_with("1."))
    }

    /// Runs Yarn 1. In a member's folder it would not find the tarballs that other members need, so it runs in the root.
    fn classic(&self, arguments: &[&str]) -> Result<()> {
        let mut command = self.command(&[arguments, self.frozen()].concat());
        if let Place::Member { root } = self.place {
            // It would run the root's scripts there.
            files::remove_scripts(&root.join("package.json"))?;
            command.current_dir(root);
        }
        self.manager.run(&mut command)
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
        // Without CI, pnpm asks before it removes packages. Without node-modules, Yarn uses a layout that needs an
        // option of Node.js which the platform does not set.
        command.env("CI", "true").env("YARN_NODE_LINKER", "node-modules");
        command
    }
}
