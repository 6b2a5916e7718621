//! The function app in a folder, as far as building and packaging it goes.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A function app.
pub struct App {
    /// Its folder, absolute.
    pub root: PathBuf,
    /// Its package.json.
    pub package: Package,
}

/// What of a package.json is needed.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Package {
    /// The file that registers the functions, or a pattern of such files.
    pub main: Option<String>,
    /// `module` where the app's files are ES modules.
    pub r#type: Option<String>,
    dependencies: BTreeMap<String, String>,
    dev_dependencies: BTreeMap<String, String>,
}

impl App {
    /// Opens the app in a folder.
    pub fn open(folder: &Path) -> Result<Self> {
        let root = bluecrab_host::app_folder(folder)?;
        let package = serde_json::from_value(read_json(&root.join("package.json"))?)
            .with_context(|| format!("{} is wrong", root.join("package.json").display()))?;
        Ok(Self { root, package })
    }

    /// The folder's own name.
    pub fn name(&self) -> Result<String> {
        let root = self.root.canonicalize().with_context(|| format!("cannot read {}", self.root.display()))?;
        let name = root.file_name().context("the root of a disk has no name: name the output with -o")?;
        Ok(name.to_string_lossy().into_owned())
    }

    /// What comes before every route, with a slash at both ends.
    pub fn route_prefix(&self) -> Result<String> {
        let prefix = bluecrab_host::App::read(&self.root)?.route_prefix;
        Ok(if prefix.is_empty() { "/".to_owned() } else { format!("/{prefix}/") })
    }

    /// A package that the app depends on and that is not installed.
    pub fn missing_package(&self) -> Option<&str> {
        // Yarn's Plug'n'Play has no folder of packages.
        if self.root.ancestors().any(|folder| folder.join(".pnp.cjs").is_file()) {
            return None;
        }
        let mut names = self.package.dependencies.keys().chain(self.package.dev_dependencies.keys());
        let is_installed =
            |name: &str| self.root.ancestors().any(|folder| folder.join("node_modules").join(name).exists());
        names.find(|name| !is_installed(name)).map(String::as_str)
    }

    /// The packages that the app takes from files, with their places.
    pub fn file_packages(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.package.dependencies.iter();
        files.filter_map(|(name, from)| Some((name.as_str(), from.strip_prefix("file:")?)))
    }

    /// Whether it depends on a package in production.
    pub fn depends_on(&self, name: &str) -> bool {
        self.package.dependencies.contains_key(name)
    }

    /// Whether it depends on any package in production.
    pub fn has_dependencies(&self) -> bool {
        !self.package.dependencies.is_empty()
    }
}

/// Reads a file of JSON.
pub fn read_json(file: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(text.trim_start_matches('\u{feff}')).with_context(|| format!("{} is not JSON", file.display()))
}
