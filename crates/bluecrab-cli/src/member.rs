//! The workspace of npm packages around an app, and its members.

use crate::json::read_json;
use globset::GlobBuilder;
use ignore::WalkBuilder;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Returns whether a folder is the root of a workspace, whose packages are installed together.
pub fn is_workspace(folder: &Path) -> bool {
    folder.join("pnpm-workspace.yaml").is_file()
        || read_json(&folder.join("package.json")).is_ok_and(|package| package.get("workspaces").is_some())
}

/// Returns the folder of the workspace member that a package manager would use for a package of this name.
pub fn find(app: &Path, name: &str) -> Option<PathBuf> {
    let app = app.canonicalize().ok()?;
    let root = app.ancestors().find(|folder| is_workspace(folder))?;
    let installed = app.ancestors().map(|folder| folder.join("node_modules").join(name)).find(|place| place.exists());
    match installed {
        // pnpm installs every package as a link, into another folder in node_modules.
        Some(place) => {
            let place = place.canonicalize().ok()?;
            let is_member =
                place.starts_with(root) && !place.components().any(|part| part.as_os_str() == "node_modules");
            is_member.then_some(place)
        }
        None => all_in(root).into_iter().find(|folder| {
            read_json(&folder.join("package.json")).is_ok_and(|package| package.get("name") == Some(&name.into()))
        }),
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
    let mut walk = WalkBuilder::new(root);
    walk.filter_entry(|entry| entry.file_name() != "node_modules");
    let folders = walk.build().flatten().filter(|entry| entry.path().join("package.json").is_file());
    let is_named =
        |folder: &PathBuf| folder.strip_prefix(root).is_ok_and(|path| globs.iter().any(|glob| glob.is_match(path)));
    folders.map(ignore::DirEntry::into_path).filter(is_named).collect()
}
