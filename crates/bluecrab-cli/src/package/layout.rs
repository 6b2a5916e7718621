//! Lays out the production packages of an app in one `node_modules`, which is deployed with the app.
//!
//! A workspace has a `node_modules` in its root, and its apps may have their own. Links may lead from one to another,
//! and to other folders.
//! Only the app's folder is deployed. So every package that the app needs gets a place below the app's `node_modules`
//! in which Node.js finds it (<https://nodejs.org/api/modules.html#loading-from-node_modules-folders>).

use crate::json::read_json;
use anyhow::{Result, bail, ensure};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

/// The most packages of a layout. If packages need other versions of each other in a circle, a layout would never end.
const MAX_PACKAGES: usize = 100_000;

/// The packages by their place, such as `node_modules/a/node_modules/b`, with the folders that contain them now.
pub type Layout = BTreeMap<String, PathBuf>;

/// Returns the layout of everything that the app in this folder needs in production.
pub fn of(app: &Path) -> Result<Layout> {
    let mut layout = Layout::new();
    let mut waiting = VecDeque::from([(String::new(), app.to_owned())]);
    // A package is laid out before the packages that it needs, so nothing below it has been looked for yet when its own
    // `node_modules` is filled.
    while let Some((place, folder)) = waiting.pop_front() {
        for (name, is_optional) in needs(&folder)? {
            let Some(found) = find(&folder, &name) else {
                if is_optional {
                    continue;
                }
                bail!("{} needs the package {name}, which the package manager did not install", folder.display());
            };
            let visible = places_above(&place).map(|above| format!("{above}node_modules/{name}"));
            let known = visible.map(|place| (layout.get(&place), place)).find(|(known, _)| known.is_some());
            let new = match known {
                Some((Some(known), _)) if *known == found => continue,
                // Another version of the package is visible from here. It must stay, because other packages use it.
                Some(_) => format!("{place}node_modules/{name}"),
                None => format!("node_modules/{name}"),
            };
            ensure!(layout.len() < MAX_PACKAGES, "the packages of {} need each other without end", app.display());
            waiting.push_back((format!("{new}/"), found.clone()));
            layout.insert(new, found);
        }
    }
    Ok(layout)
}

/// Returns whether a package lacks a package that it needs.
pub fn lacks_packages(folder: &Path) -> Result<bool> {
    Ok(needs(folder)?.into_iter().any(|(name, is_optional)| !is_optional && find(folder, &name).is_none()))
}

/// Returns the folders outside of `node_modules` to which the packages that a package needs are links.
pub fn links(folder: &Path) -> Result<Vec<PathBuf>> {
    let found = needs(folder)?.into_keys().filter_map(|name| find(folder, &name));
    Ok(found.filter(|place| !is_installed(place)).collect())
}

/// Returns whether a folder is a package that a package manager has put into a `node_modules`.
pub fn is_installed(folder: &Path) -> bool {
    folder.components().any(|part| part.as_os_str() == "node_modules")
}

/// Returns a place and all places around it, from the inside outwards. Each ends with a slash, except the outermost,
/// which is empty.
fn places_above(place: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(place), |place| {
        let at = place.rfind("node_modules/")?;
        Some(&place[..at])
    })
}

/// Returns the names of the packages that a package needs, and whether it works without them.
fn needs(folder: &Path) -> Result<BTreeMap<String, bool>> {
    let package = read_json(&folder.join("package.json"))?;
    let mut needs = BTreeMap::new();
    // A package may be in several lists; it is optional if it is in the first list that allows that.
    for (list, is_optional) in [("optionalDependencies", true), ("dependencies", false), ("peerDependencies", true)] {
        for name in package.get(list).and_then(|list| list.as_object()).into_iter().flat_map(|list| list.keys()) {
            needs.entry(name.clone()).or_insert(is_optional);
        }
    }
    Ok(needs)
}

/// Finds a package as Node.js does, from the real folder of the package that needs it.
fn find(from: &Path, name: &str) -> Option<PathBuf> {
    let from = dunce::canonicalize(from).ok()?;
    let mut places = from.ancestors().map(|folder| folder.join("node_modules").join(name));
    dunce::canonicalize(places.find(|place| place.join("package.json").is_file())?).ok()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn write(root: &Path, folder: &str, needs: &str) {
        let folder = root.join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("package.json"), format!("{{ {needs} }}")).unwrap();
    }

    fn layout(root: &Path) -> Vec<(String, String)> {
        let root = dunce::canonicalize(root).unwrap();
        let inside = |path: PathBuf| path.strip_prefix(&root).unwrap().display().to_string();
        of(&root.join("apps/shop")).unwrap().into_iter().map(|(place, from)| (place, inside(from))).collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(place, from)| ((*place).to_owned(), (*from).to_owned())).collect()
    }

    #[test]
    fn joins_the_packages_of_the_app_and_of_the_workspace() {
        let root = tempfile::tempdir().unwrap();
        let write = |folder: &str, needs: &str| write(root.path(), folder, needs);
        write("apps/shop", r#""dependencies": { "a": "1", "@s/b": "1" }, "devDependencies": { "dev": "1" }"#);
        write("apps/shop/node_modules/a", r#""dependencies": { "c": "2" }"#);
        write("node_modules/a", "");
        write("node_modules/dev", "");
        // The package `b` needs another version of `a` than the app does, and a package that exists for another system
        // only.
        write("node_modules/@s/b", r#""dependencies": { "a": "0" }, "optionalDependencies": { "other-system": "1" }"#);
        write("node_modules/c", r#""peerDependencies": { "a": "1", "missing": "1" }"#);
        assert_eq!(
            layout(root.path()),
            pairs(&[
                ("node_modules/@s/b", "node_modules/@s/b"),
                ("node_modules/@s/b/node_modules/a", "node_modules/a"),
                ("node_modules/a", "apps/shop/node_modules/a"),
                ("node_modules/c", "node_modules/c"),
                ("node_modules/c/node_modules/a", "node_modules/a"),
            ])
        );
    }

    #[test]
    fn follows_the_links_of_pnpm_also_in_circles() {
        let root = tempfile::tempdir().unwrap();
        let write = |folder: &str, needs: &str| write(root.path(), folder, needs);
        write("apps/shop", r#""dependencies": { "a": "1" }"#);
        write("node_modules/.pnpm/a@1/node_modules/a", r#""dependencies": { "b": "1" }"#);
        write("node_modules/.pnpm/b@1/node_modules/b", r#""dependencies": { "a": "1" }"#);
        fs::create_dir(root.path().join("apps/shop/node_modules")).unwrap();
        for (link, to) in [
            ("apps/shop/node_modules/a", "../../../node_modules/.pnpm/a@1/node_modules/a"),
            ("node_modules/.pnpm/a@1/node_modules/b", "../../b@1/node_modules/b"),
            ("node_modules/.pnpm/b@1/node_modules/a", "../../a@1/node_modules/a"),
        ] {
            symlink(to, root.path().join(link)).unwrap();
        }
        assert_eq!(
            layout(root.path()),
            pairs(&[
                ("node_modules/a", "node_modules/.pnpm/a@1/node_modules/a"),
                ("node_modules/b", "node_modules/.pnpm/b@1/node_modules/b"),
            ])
        );
    }

    #[test]
    fn says_which_package_is_missing() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "apps/shop", r#""dependencies": { "gone": "1" }"#);
        let said = of(&root.path().join("apps/shop")).unwrap_err().to_string();
        assert!(said.contains("needs the package gone"), "{said}");
    }
}
