//! The function app in a folder, for building and packaging.

use crate::json::read_json;
use crate::member;
use crate::npm;
use crate::size::Size;
use anyhow::{Context, Result, bail};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A function app.
pub struct App {
    /// The absolute path of the app's folder.
    pub root: PathBuf,
    /// The contents of package.json.
    pub package: Package,
}

/// The fields of package.json that the command uses.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Package {
    /// The file that registers the functions, or a pattern of such files.
    pub main: Option<String>,
    /// The version of the app.
    pub version: Option<String>,
    /// `module` if the app's files are ES modules.
    pub r#type: Option<String>,
    /// The scripts by name.
    pub scripts: BTreeMap<String, String>,
    /// The settings of this command.
    pub bluecrab: Settings,
    dependencies: BTreeMap<String, String>,
    optional_dependencies: BTreeMap<String, String>,
    peer_dependencies: BTreeMap<String, String>,
    dev_dependencies: BTreeMap<String, String>,
}

/// The field `bluecrab` of package.json.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Settings {
    /// Commands that build modules and programs in other languages than Rust.
    pub build: Vec<String>,
    /// How many bytes each module may have.
    pub max_size: Option<Size>,
    /// How long the modules may take to load in a new process.
    pub max_cold_start: Option<SignedDuration>,
}

impl Package {
    fn read(file: &Path) -> Result<Self> {
        let Value::Object(fields) = read_json(file)? else {
            bail!("{} must hold one JSON object: {{ … }}", file.display());
        };
        for (name, value) in &fields {
            // The error of a field does not name it.
            Self::deserialize(json!({ name: value }))
                .with_context(|| format!("the field `{name}` in {} is invalid", file.display()))?;
        }
        Self::deserialize(Value::Object(fields)).with_context(|| format!("{} is invalid", file.display()))
    }
}

impl App {
    /// Opens the app in a folder.
    pub fn open(folder: &Path) -> Result<Self> {
        let root = bluecrab_host::app_folder(folder)?;
        let package = Package::read(&root.join("package.json"))?;
        Ok(Self { root, package })
    }

    /// Returns the name of the app's folder. The root folder, in which a container may have the app, has none.
    pub fn name(&self) -> Result<String> {
        let root = dunce::canonicalize(&self.root).with_context(|| format!("cannot read {}", self.root.display()))?;
        Ok(root.file_name().map_or_else(|| "app".to_owned(), |name| name.to_string_lossy().into_owned()))
    }

    /// Returns the prefix of every route, with a slash at both ends.
    pub fn route_prefix(&self) -> Result<String> {
        let prefix = bluecrab_host::App::read(&self.root)?.route_prefix;
        Ok(if prefix.is_empty() { "/".to_owned() } else { format!("/{prefix}/") })
    }

    /// Returns a package that the app depends on but that is not installed.
    pub fn missing_package(&self) -> Option<&str> {
        // Yarn's Plug'n'Play has no node_modules.
        if npm::check_layout(&self.root).is_err() {
            return None;
        }
        let mut names = self.package.dependencies.keys().chain(self.package.dev_dependencies.keys());
        let is_installed =
            |name: &str| self.root.ancestors().any(|folder| folder.join("node_modules").join(name).exists());
        names.find(|name| !is_installed(name)).map(String::as_str)
    }

    /// Returns the production dependencies that come from files and folders, with their paths.
    pub fn file_packages(&self) -> impl Iterator<Item = (&str, &str)> {
        self.production().filter_map(|(name, from)| Some((name, place_of(from)?)))
    }

    /// Returns whether a path, relative to the app's folder, is the tarball of a dependency.
    pub fn is_package(&self, path: &str) -> bool {
        let mut all =
            self.production().map(|(_, from)| from).chain(self.package.dev_dependencies.values().map(String::as_str));
        all.any(|from| place_of(from).is_some_and(|place| place.trim_start_matches("./") == path))
    }

    /// Returns whether a production dependency is a folder that `package.json` names by its path.
    pub fn has_folder_packages(&self) -> bool {
        self.file_packages().any(|(_, place)| self.root.join(place).is_dir())
    }

    /// Returns the production dependencies that are to be members of the app's workspace, but are not.
    pub fn missing_members(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_missing = |(name, from): &(&str, &str)| {
            from.starts_with("workspace:") && member::find(&self.root, name, from).is_none()
        };
        self.production().filter(is_missing)
    }

    /// Returns the production dependencies that are members of the workspace around the app, with their folders.
    ///
    /// For a version, package managers also use a member. The registry may have another author's package of the same
    /// name.
    pub fn members(&self) -> impl Iterator<Item = (&str, PathBuf)> {
        let packages = self.production().filter(|(_, from)| place_of(from).is_none());
        packages.filter_map(|(name, from)| Some((name, member::find(&self.root, name, from)?)))
    }

    fn production(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.package.dependencies.iter().chain(&self.package.optional_dependencies);
        all.map(|(name, from)| (name.as_str(), from.as_str()))
    }

    /// Returns the same app in another folder.
    pub fn copied_to(&self, folder: &Path) -> Self {
        Self { root: folder.to_owned(), package: self.package.clone() }
    }

    /// Returns whether the app depends on a package in production.
    pub fn depends_on(&self, name: &str) -> bool {
        self.package.dependencies.contains_key(name)
    }

    /// Returns whether the app has any production dependency.
    pub fn has_dependencies(&self) -> bool {
        self.production().next().is_some() || !self.package.peer_dependencies.is_empty()
    }
}

/// Returns the port on which `bluecrab dev` serves an app: the given one, the app's, or the default.
pub fn port(given: Option<u16>, app: &Path) -> u16 {
    given.or_else(|| bluecrab_host::App::read(app).ok()?.port).unwrap_or(7071)
}

/// Returns the path of a dependency that comes from a file or a folder.
pub fn place_of(from: &str) -> Option<&str> {
    let is_path = ["./", "../", "/"].iter().any(|start| from.starts_with(start));
    ["file:", "link:", "portal:"].iter().find_map(|start| from.strip_prefix(start)).or(is_path.then_some(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_in_the_root_folder_has_a_name() {
        let name = |root: &Path| App { root: root.to_owned(), package: Package::default() }.name().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let root = dunce::canonicalize(folder.path()).unwrap();
        assert_eq!(name(root.ancestors().last().unwrap()), "app");
        assert_eq!(name(&root), root.file_name().unwrap().to_string_lossy());
    }
}
