//! Finds an app's crates with `cargo metadata`: which of them make modules, and where cargo builds them.

use crate::app::App;
use crate::template::name::module_of;
use crate::tools;
use anyhow::{Context, Result, bail};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::fs;
use std::path::{Path, PathBuf};

/// The crates of an app.
#[derive(Default)]
pub struct Crates {
    packages: Vec<Package>,
    /// The target folders of cargo. They may be outside of the app and need not exist.
    pub target_folders: Vec<PathBuf>,
}

impl Crates {
    /// Reads the packages of the app's own Cargo.toml, which may be a workspace, and of each Cargo.toml in a folder
    /// directly below the app.
    pub fn of(app: &App) -> Result<Self> {
        let mut crates = Self::default();
        let root = dunce::canonicalize(&app.root).with_context(|| format!("cannot read {}", app.root.display()))?;
        for folder in crate_folders(&root)? {
            let is_known = |package: &Package| folder_of(package) == folder;
            if crates.packages.iter().any(is_known) {
                continue;
            }
            let metadata = metadata(&folder)?;
            let target = metadata.target_directory.into_std_path_buf();
            if !crates.target_folders.contains(&target) {
                crates.target_folders.push(target);
            }
            // The app may be in a larger workspace, whose other crates do not belong to it.
            let mut packages = metadata.packages;
            packages.retain(|package| {
                let place = folder_of(package);
                (place.starts_with(&root) || place.starts_with(&folder))
                    && !crates.packages.iter().any(|known| known.id == package.id)
            });
            crates.packages.extend(packages);
        }
        Ok(crates)
    }

    /// Returns the paths of the crates' folders relative to the app's folder, with `/`, except the app's folder itself.
    pub fn folders(&self, app: &App) -> Result<Vec<String>> {
        let root = dunce::canonicalize(&app.root).with_context(|| format!("cannot read {}", app.root.display()))?;
        let known = self.packages.iter().map(folder_of).chain(crate_folders(&root)?);
        let paths = known.filter_map(|folder| {
            let path = folder.strip_prefix(&root).ok()?.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
            (!path.is_empty()).then_some(path)
        });
        Ok(paths.collect())
    }

    /// Returns whether the app has no crate.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty()
    }

    /// Returns whether the app has no crate that makes a module, or would if its Cargo.toml were correct.
    pub fn have_no_module(&self) -> bool {
        !self.packages.iter().any(is_meant_as_module)
    }

    /// Returns the crates that make modules.
    pub fn modules(&self) -> Result<Vec<&Package>> {
        let mut modules = Vec::new();
        for package in &self.packages {
            if is_module(package)? {
                modules.push(package);
            }
        }
        Ok(modules)
    }

    /// Returns the crates that make modules, or an error if no crate does.
    pub fn some_modules(&self, app: &App) -> Result<Vec<&Package>> {
        let modules = self.modules()?;
        let libraries = self.packages.iter().filter(|package| is_meant_as_module(package) && !is_cdylib(package));
        let is_needed = |library: &Package| {
            let needs =
                |module: &&Package| module.dependencies.iter().any(|needed| needed.name == library.name.as_str());
            modules.iter().any(needs)
        };
        for library in libraries {
            if modules.is_empty() {
                return Err(no_cdylib(library));
            }
            if !is_needed(library) {
                tell!("note: {:#}; it is not built", no_cdylib(library));
            }
        }
        let root = app.root.display();
        if self.is_empty() {
            bail!(
                "{root} has nothing to build: neither it nor a folder directly below it has a Cargo.toml; \
                 `bluecrab add NAME` adds a crate"
            );
        }
        if modules.is_empty() {
            let names: Vec<&str> = self.packages.iter().map(|package| package.name.as_str()).collect();
            bail!(
                "{root} has no module to build: no crate in it is a module ({}). A module depends on the crate \
                 `bluecrab`, or has `[package.metadata.bluecrab]` in its Cargo.toml",
                names.join(", ")
            );
        }
        self.check_names()?;
        Ok(modules)
    }

    /// Returns the folder of the crate that makes the module in a file.
    pub fn maker_of(&self, file: &str) -> Result<Option<PathBuf>> {
        Ok(self.modules()?.into_iter().find(|package| file_of(package) == file).map(folder_of))
    }

    /// Checks that no two crates make the same module.
    pub fn check_names(&self) -> Result<()> {
        let modules = self.modules()?;
        for (index, one) in modules.iter().enumerate() {
            let file = file_of(one);
            if let Some(other) = modules[index + 1..].iter().find(|other| file_of(other) == file) {
                bail!(
                    "{} and {} both make {file}: change the `name` of one of them in its Cargo.toml",
                    folder_of(one).display(),
                    folder_of(other).display()
                );
            }
        }
        Ok(())
    }
}

/// Returns whether `dev` builds an app by default: if its own Cargo.toml has a module, or cannot be read, which the
/// build then reports.
pub fn builds_unasked(app: &Path) -> bool {
    let has_module = |metadata: Metadata| metadata.packages.iter().any(is_meant_as_module);
    is_crate(app) && metadata(app).map_or(true, has_module)
}

pub fn folder_of(package: &Package) -> PathBuf {
    let manifest = package.manifest_path.as_std_path();
    let folder = manifest.parent().unwrap_or(manifest);
    dunce::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
}

/// Runs `cargo metadata` for the package or workspace in a folder, without dependencies.
pub fn metadata(folder: &Path) -> Result<Metadata> {
    // Cargo's configuration depends on the folder in which it runs.
    let mut ask = tools::cargo(&["metadata", "--no-deps", "--format-version=1"]);
    ask.current_dir(folder);
    MetadataCommand::parse(tools::output(ask)?).context("cannot read what `cargo metadata` prints")
}

/// Returns the folder itself and the folders directly below it that have a Cargo.toml.
fn crate_folders(root: &Path) -> Result<Vec<PathBuf>> {
    let mut below = Vec::new();
    for entry in fs::read_dir(root).with_context(|| format!("cannot read {}", root.display()))? {
        let folder = entry?.path();
        if is_crate(&folder) {
            below.push(dunce::canonicalize(&folder).with_context(|| format!("cannot read {}", folder.display()))?);
        }
    }
    below.sort();
    if is_crate(root) {
        below.insert(0, root.to_owned());
    }
    Ok(below)
}

/// Returns whether a folder has a Cargo.toml.
pub fn is_crate(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file()
}

fn is_module(package: &Package) -> Result<bool> {
    match choice(package).map_err(|wrong| anyhow::anyhow!("{}: {wrong}", package.manifest_path))? {
        Some(true) if !is_cdylib(package) => Err(no_cdylib(package)),
        Some(is_module) => Ok(is_module),
        // A crate that is not a cdylib may be a library that modules share.
        None => Ok(depends_on_bluecrab(package) && is_cdylib(package)),
    }
}

/// Returns whether a crate makes a module, or would if its Cargo.toml were correct.
fn is_meant_as_module(package: &Package) -> bool {
    match choice(package) {
        Ok(said) => said.unwrap_or_else(|| depends_on_bluecrab(package)),
        Err(_) => true,
    }
}

/// Reads the author's choice in `[package.metadata.bluecrab]`. An empty table means that the crate makes a module.
fn choice(package: &Package) -> Result<Option<bool>, &'static str> {
    let Some(said) = package.metadata.get("bluecrab") else { return Ok(None) };
    let table = said.as_object().ok_or("write `[package.metadata.bluecrab]` as a table")?;
    let module = table.get("module").map(|module| module.as_bool().ok_or("`module` must be true or false"));
    Ok(Some(module.transpose()?.unwrap_or(true)))
}

fn depends_on_bluecrab(package: &Package) -> bool {
    let mut needed = package.dependencies.iter().filter(|needed| needed.kind == DependencyKind::Normal);
    needed.any(|needed| needed.name == "bluecrab")
}

fn is_cdylib(package: &Package) -> bool {
    package.targets.iter().any(cargo_metadata::Target::is_cdylib)
}

/// Returns the file name of the module that a crate makes.
fn file_of(package: &Package) -> String {
    let library = package.targets.iter().find(|target| target.is_cdylib());
    module_of(library.map_or(package.name.as_str(), |library| &library.name))
}

fn no_cdylib(package: &Package) -> anyhow::Error {
    let file = &package.manifest_path;
    anyhow::anyhow!("{file} makes no module: it needs `[lib]` with `crate-type = [\"cdylib\", \"rlib\"]`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_a_module(manifest: &str) -> Result<bool, String> {
        let folder = tempfile::tempdir().unwrap();
        let head = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src/lib.rs"), "").unwrap();
        fs::write(folder.path().join("Cargo.toml"), format!("{head}{manifest}\n[workspace]\n")).unwrap();
        let metadata = metadata(folder.path()).map_err(|error| format!("{error:#}"))?;
        is_module(&metadata.packages[0]).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn recognizes_modules() {
        let cdylib = "[lib]\ncrate-type = [\"cdylib\"]\n";
        for (is_one, manifest) in [
            (false, ""),
            (true, "[dependencies]\nbluecrab = \"1\""),
            (true, "[dependencies]\ncrab = { package = \"bluecrab\", version = \"1\" }"),
            (true, "[target.'cfg(target_arch = \"wasm32\")'.dependencies]\nbluecrab = \"1\""),
            (false, "[dependencies]\nbluecrab = { package = \"other\", version = \"1\" }"),
            (false, "[dev-dependencies]\nbluecrab = \"1\""),
            (true, "[package.metadata.bluecrab]"),
            (true, "[package.metadata.bluecrab]\nmodule = true"),
            (false, "[dependencies]\nbluecrab = \"1\"\n[package.metadata.bluecrab]\nmodule = false"),
        ] {
            assert_eq!(is_a_module(&format!("{cdylib}{manifest}")), Ok(is_one), "{manifest}");
        }
        // A library that modules share.
        assert_eq!(is_a_module("[dependencies]\nbluecrab = \"1\""), Ok(false));
    }

    #[test]
    fn refuses_an_invalid_choice_and_names_the_file() {
        for (manifest, reason) in [
            ("[package.metadata.bluecrab]", "Cargo.toml makes no module: it needs `[lib]`"),
            ("[package.metadata.bluecrab]\nmodule = \"no\"", "Cargo.toml: `module` must be true or false"),
            ("[package.metadata]\nbluecrab = true", "Cargo.toml: write `[package.metadata.bluecrab]` as a table"),
        ] {
            let said = is_a_module(manifest).unwrap_err();
            assert!(said.contains(reason), "{said}");
        }
    }
}
