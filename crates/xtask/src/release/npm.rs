//! Packs the npm packages: the runtime library, the product of matrices, the command, and a package with the program
//! for each platform.
//!
//! npm installs only the program's package that fits the machine, because the others name another system. So nothing
//! has to run or to be downloaded after the installation.

use super::stage::{LICENSES, Stage};
use crate::command::{npm, root, step};
use crate::files::{copy, copy_folder, empty_folder};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The platforms, as Node.js names them, with Rust's targets. The program for Linux is linked statically, so that it
/// runs with every C library; a build for glibc takes its place in tests.
const PLATFORMS: [(&str, &[&str]); 5] = [
    ("darwin-arm64", &["aarch64-apple-darwin"]),
    ("darwin-x64", &["x86_64-apple-darwin"]),
    ("linux-arm64", &["aarch64-unknown-linux-musl", "aarch64-unknown-linux-gnu"]),
    ("linux-x64", &["x86_64-unknown-linux-musl", "x86_64-unknown-linux-gnu"]),
    ("win32-x64", &["x86_64-pc-windows-msvc"]),
];

/// Returns the platform of a target.
pub fn platform_of(target: &str) -> Result<&'static str> {
    let found = PLATFORMS.iter().find(|(_, targets)| targets.contains(&target)).map(|(platform, _)| *platform);
    found.with_context(|| {
        format!("the command is not published for {target}: the table in release/npm.rs has no such target")
    })
}

/// Returns the name of the program's file.
pub fn program_of(platform: &str) -> &'static str {
    if platform.starts_with("win32") { "bluecrab.exe" } else { "bluecrab" }
}

/// Packs the packages into `dist/npm`.
pub fn pack(stage: &Stage, dist: &Path) -> Result<()> {
    let folders = dist.join("packages");
    empty_folder(&folders)?;
    let mut packages = vec![built_package(stage, &folders, "bluecrab")?, built_package(stage, &folders, "matrix")?];
    let mut programs = Map::new();
    for (platform, _) in PLATFORMS {
        let program = dist.join("commands").join(platform).join(program_of(platform));
        if program.is_file() {
            packages.push(program_package(stage, &folders, platform, &program)?);
            programs.insert(format!("@bluecrab/cli-{platform}"), json!(stage.version));
        } else {
            println!("note: no command was built for {platform}, so it is not packed");
        }
    }
    ensure!(!programs.is_empty(), "no command is built: run `cargo xtask release --only command` first");
    packages.push(command(stage, &folders, programs)?);
    let tarballs = dist.join("npm");
    empty_folder(&tarballs)?;
    let mut pack = npm(&["pack", "--ignore-scripts", "--loglevel=warn", "--pack-destination"]);
    pack.arg(&tarballs).args(packages);
    step("Pack the npm packages", pack)
}

/// A package with the files that its build has made.
fn built_package(stage: &Stage, folders: &Path, name: &str) -> Result<PathBuf> {
    let own = format!("npm/{name}");
    let (from, folder) = (root().join(&own), folders.join(name));
    copy_folder(&from.join("dist"), &folder.join("dist"))?;
    finish(stage, &folder, &own, read(&from)?)
}

/// The package with the command's name, which finds the program for the platform.
fn command(stage: &Stage, folders: &Path, programs: Map<String, Value>) -> Result<PathBuf> {
    let (own, folder) = (root().join("npm/cli"), folders.join("cli"));
    copy_folder(&own.join("bin"), &folder.join("bin"))?;
    let mut package = read(&own)?;
    package["optionalDependencies"] = Value::Object(programs);
    finish(stage, &folder, "npm/cli", package)
}

/// The package with the program for a platform.
fn program_package(stage: &Stage, folders: &Path, platform: &str, program: &Path) -> Result<PathBuf> {
    let folder = folders.join(format!("cli-{platform}"));
    let Some((os, cpu)) = platform.split_once('-') else { bail!("{platform} names no processor") };
    let file = folder.join("bin").join(program_of(platform));
    fs::create_dir_all(folder.join("bin")).with_context(|| format!("cannot create {}", folder.display()))?;
    // Copying keeps the permission to run the program.
    copy(program, &file)?;
    let worker = stage.folder.join("crates/bluecrab-host/worker/nodejsWorker.js.LEGAL.txt");
    copy(&worker, &folder.join("bin/worker.LEGAL.txt"))?;
    let package = json!({
        "name": format!("@bluecrab/cli-{platform}"),
        "description": format!("The program of @bluecrab/cli for {platform}"),
        "license": "MIT OR Apache-2.0",
        "os": [os],
        "cpu": [cpu],
        "files": ["bin"],
        // Yarn keeps packages as archives, in which no program can be run.
        "preferUnplugged": true,
    });
    finish(stage, &folder, "npm/cli", package)
}

fn read(folder: &Path) -> Result<Value> {
    let file = folder.join("package.json");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))
}

/// Adds what every package has: README, licences, version and repository.
fn finish(stage: &Stage, folder: &Path, own: &str, mut package: Value) -> Result<PathBuf> {
    copy(&root().join(own).join("README.md"), &folder.join("README.md"))?;
    for license in LICENSES {
        copy(&root().join(license), &folder.join(license))?;
    }
    // npm packs LICENSE by itself, but no other name.
    if let Some(files) = package["files"].as_array_mut() {
        files.push(json!("LICENSE-*"));
    }
    // Only the checkout can run the scripts.
    for member in ["scripts", "devDependencies"] {
        package.as_object_mut().and_then(|package| package.remove(member));
    }
    package["version"] = json!(stage.version);
    // npm publishes a package with a scope for its owner only, unless it is told otherwise.
    package["publishConfig"] = json!({ "access": "public" });
    if let Some(repository) = &stage.repository {
        package["repository"] = json!({ "type": "git", "url": format!("git+{repository}.git"), "directory": own });
    }
    let text = serde_json::to_string_pretty(&package)? + "\n";
    fs::write(folder.join("package.json"), text).with_context(|| format!("cannot write {}", folder.display()))?;
    Ok(folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_target_has_one_platform() {
        assert_eq!(platform_of("x86_64-unknown-linux-musl").unwrap(), "linux-x64");
        assert_eq!(platform_of("x86_64-pc-windows-msvc").map(program_of).unwrap(), "bluecrab.exe");
        assert!(platform_of("wasm32-wasip1").unwrap_err().to_string().contains("not published for wasm32-wasip1"));
    }
}
