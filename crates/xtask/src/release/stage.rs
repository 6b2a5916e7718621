//! The copy of the tracked files from which a release is made.

use crate::build::target_folder;
use crate::command::{cargo, output, program, root};
use crate::files::{copy, empty_folder};
use anyhow::{Context, Result};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The licences, which every crate and package contains.
pub const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];
/// The files of the worker: the program, and the licences of the libraries in it.
const WORKER: [&str; 2] = ["nodejsWorker.js", "nodejsWorker.js.LEGAL.txt"];

/// The copy of the crates, as a workspace of its own.
pub struct Stage {
    /// Its folder.
    pub folder: PathBuf,
    /// The names of the published crates.
    pub crates: Vec<String>,
    /// The version of everything.
    pub version: String,
    /// The address of the repository, if the environment names one.
    pub repository: Option<String>,
}

/// Copies the published crates, and puts the worker, the licences and the repository's address into them.
pub fn make(dist: &Path) -> Result<Stage> {
    let folder = dist.join("stage");
    empty_folder(&folder)?;
    let crates = published()?;
    let version = crates[0]["version"].as_str().context("cargo names no version")?.to_owned();
    let names = crates.iter().filter_map(|package| package["name"].as_str()).map(str::to_owned).collect();
    let stage = Stage { folder, crates: names, version, repository: repository() };
    let tracked = output(program("git", &["ls-files", "crates", "Cargo.lock", ".cargo"]))?;
    let is_staged = |file: &&str| {
        let mut path = file.split('/');
        // Tests need the checkout.
        let is_ours = path.next() != Some("crates") || path.next().is_some_and(|name| stage.has(name));
        is_ours && path.next() != Some("tests") && root().join(file).is_file()
    };
    for file in tracked.lines().filter(is_staged) {
        stage.add(&root().join(file), file)?;
    }
    for name in &stage.crates {
        for license in LICENSES {
            stage.add(&root().join(license), &format!("crates/{name}/{license}"))?;
        }
        stage.name_repository(&format!("crates/{name}/Cargo.toml"))?;
    }
    for file in WORKER {
        stage.add(&root().join("npm/worker/dist/src").join(file), &format!("crates/bluecrab-host/worker/{file}"))?;
    }
    stage.write_workspace()?;
    Ok(stage)
}

/// What cargo says about the crates that are published.
fn published() -> Result<Vec<Value>> {
    let mut metadata = metadata(cargo(&["metadata", "--no-deps", "--format-version=1"]))?;
    let Value::Array(mut packages) = metadata["packages"].take() else { return Ok(Vec::new()) };
    // An empty list forbids to publish, and no list allows every registry.
    packages.retain(|package| package["publish"].as_array().is_some_and(|registries| !registries.is_empty()));
    Ok(packages)
}

fn metadata(command: Command) -> Result<Value> {
    serde_json::from_str(&output(command)?).context("cannot read what `cargo metadata` prints")
}

/// The address that GitHub Actions names. npm compares it with the signed statement on where a package was built.
pub fn repository() -> Option<String> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    Some(format!("{}/{}", variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?))
}

impl Stage {
    /// Makes a command run in the stage, and build in the target folder of the checkout.
    pub fn run(&self, mut command: Command) -> Result<Command> {
        command.current_dir(&self.folder).env("CARGO_TARGET_DIR", target_folder()?);
        Ok(command)
    }

    fn has(&self, name: &str) -> bool {
        self.crates.iter().any(|own| own == name)
    }

    /// Puts a file into the stage.
    fn add(&self, from: &Path, path: &str) -> Result<()> {
        let to = self.folder.join(path);
        let parent = to.parent().unwrap_or(&to);
        fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        copy(from, &to)
    }

    /// Writes the address of the repository into a Cargo.toml.
    fn name_repository(&self, manifest: &str) -> Result<()> {
        let Some(repository) = &self.repository else { return Ok(()) };
        let file = self.folder.join(manifest);
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let license = "license.workspace = true\n";
        let text = text.replacen(license, &format!("{license}repository = \"{repository}\"\n"), 1);
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    /// Writes the workspace's Cargo.toml, with the published crates as its only members.
    fn write_workspace(&self) -> Result<()> {
        let text = fs::read_to_string(root().join("Cargo.toml")).context("cannot read Cargo.toml")?;
        let members = self.crates.iter().map(|name| format!("crates/{name}")).collect::<Vec<_>>();
        let lines = text.lines().map(|line| match line.split(' ').next() {
            Some("members") => format!("members = {members:?}\n"),
            Some("exclude" | "picture") => String::new(),
            _ => format!("{line}\n"),
        });
        fs::write(self.folder.join("Cargo.toml"), lines.collect::<String>())
            .context("cannot write the stage's Cargo.toml")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_crate_has_what_the_registry_shows() {
        let crates = published().unwrap();
        let names: Vec<&str> = crates.iter().filter_map(|package| package["name"].as_str()).collect();
        assert!(names.len() >= 11 && names.contains(&"bluecrab-cli"), "{names:?}");
        for package in &crates {
            let name = &package["name"];
            for field in ["description", "license", "readme", "rust_version", "documentation"] {
                assert!(package[field].as_str().is_some_and(|text| !text.is_empty()), "{name} has no {field}");
            }
            for field in ["keywords", "categories"] {
                let count = package[field].as_array().map(Vec::len).unwrap_or_default();
                assert!((1..=5).contains(&count), "{name} has {count} {field}; the registry takes one to five");
            }
            let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap();
            assert!(folder.join("README.md").is_file(), "{name} has no README.md");
        }
    }

    #[test]
    fn a_published_crate_depends_on_published_crates_in_its_own_version() {
        let crates = published().unwrap();
        let version = &crates[0]["version"];
        for package in &crates {
            assert_eq!(package["version"], *version, "{}", package["name"]);
            for dependency in package["dependencies"].as_array().unwrap() {
                if dependency["path"].is_null() {
                    continue;
                }
                let name = &dependency["name"];
                assert!(crates.iter().any(|other| other["name"] == *name), "{name} is not published");
                let required = dependency["req"].as_str().unwrap().trim_start_matches(['^', '=']);
                assert_eq!(required, version.as_str().unwrap(), "{} depends on {name}", package["name"]);
            }
        }
    }

    #[test]
    fn the_npm_packages_have_the_version_of_the_crates() {
        let version = published().unwrap()[0]["version"].clone();
        for package in ["bluecrab", "cli", "matrix", "worker"] {
            let file = root().join("npm").join(package).join("package.json");
            let text = fs::read_to_string(file).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["version"], version, "npm/{package}");
        }
    }
}
