//! The packages that an app takes from folders of this machine: members of the workspace around it, and others.

use crate::app::place_of;
use crate::json::read_json;
use anyhow::{Context, Result};
use globset::GlobBuilder;
use ignore::WalkBuilder;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Returns whether a folder is the root of a workspace, whose packages are installed together.
pub fn is_workspace(folder: &Path) -> bool {
    folder.join("pnpm-workspace.yaml").is_file()
        || read_json(&folder.join("package.json")).is_ok_and(|package| package.get("workspaces").is_some())
}

/// Returns the folders of the members, and of the packages named by their paths, that a package needs in production,
/// also through each other.
pub fn needed(package: &Path) -> Result<BTreeSet<PathBuf>> {
    let folder = dunce::canonicalize(package).with_context(|| format!("cannot read {}", package.display()))?;
    let (mut needed, mut waiting) = (BTreeSet::new(), vec![folder]);
    while let Some(folder) = waiting.pop() {
        let package = read_json(&folder.join("package.json"))?;
        let lists = ["dependencies", "optionalDependencies", "peerDependencies"];
        let needs = lists.iter().filter_map(|list| package.get(list)?.as_object()).flatten();
        let folders = needs.filter_map(|(name, from)| {
            let from = from.as_str()?;
            let named = place_of(from).and_then(|place| dunce::canonicalize(folder.join(place)).ok());
            named.filter(|place| place.is_dir()).or_else(|| find(&folder, name, from))
        });
        waiting.extend(folders.filter(|folder| needed.insert(folder.clone())));
    }
    Ok(needed)
}

/// Returns the folder of the workspace member that a package manager would use for a package of this name and version.
pub fn find(app: &Path, name: &str, version: &str) -> Option<PathBuf> {
    let app = dunce::canonicalize(app).ok()?;
    let root = app.ancestors().find(|folder| is_workspace(folder))?;
    let has_name = |folder: &PathBuf| {
        read_json(&folder.join("package.json")).is_ok_and(|package| package.get("name") == Some(&name.into()))
    };
    // What is installed may be a copy, and the patterns of pnpm are in YAML.
    if version.starts_with("workspace:") {
        return packages_in(root).find(has_name);
    }
    let installed = app.ancestors().map(|folder| folder.join("node_modules").join(name)).find(|place| place.exists());
    match installed {
        // pnpm installs every package as a link, into another folder in node_modules.
        Some(place) => {
            let place = dunce::canonicalize(place).ok()?;
            let is_member =
                place.starts_with(root) && !place.components().any(|part| part.as_os_str() == "node_modules");
            is_member.then_some(place)
        }
        None => all_in(root).into_iter().find(has_name),
    }
}

/// Returns the folders with a package.json that match the patterns in the workspace's package.json. The patterns of
/// pnpm are not needed: pnpm uses a member only if the version starts with `workspace:`.
pub fn all_in(root: &Path) -> Vec<PathBuf> {
    let package = read_json(&root.join("package.json")).unwrap_or_default();
    let patterns = package.pointer("/workspaces/packages").or_else(|| package.get("workspaces"));
    let patterns = patterns.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let glob = |pattern: &str| {
        let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
        GlobBuilder::new(pattern).literal_separator(true).build().ok().map(|glob| glob.compile_matcher())
    };
    let globs: Vec<_> = patterns.filter_map(glob).collect();
    let is_named =
        |folder: &PathBuf| folder.strip_prefix(root).is_ok_and(|path| globs.iter().any(|glob| glob.is_match(path)));
    packages_in(root).filter(is_named).collect()
}

/// Returns the folders in a workspace that have a package.json.
fn packages_in(root: &Path) -> impl Iterator<Item = PathBuf> {
    let mut walk = WalkBuilder::new(root);
    walk.filter_entry(|entry| entry.file_name() != "node_modules");
    let folders = walk.build().flatten().map(ignore::DirEntry::into_path);
    folders.filter(|folder| folder.join("package.json").is_file())
}
