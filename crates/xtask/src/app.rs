//! Assembles the flagship app's folder, an ordinary Node.js function app that needs no file outside of it.

use crate::command::{npm, output, root, step};
use crate::files::{copy, copy_folder, copy_module, remove_folder};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Builds `apps/matrix/dist` from the app's sources, the module in its variants, and the packages that the app depends
/// on.
///
/// The folder is built elsewhere and then renamed, so that no reader sees half of it.
pub fn assemble(module: &Path, relaxed_simd: &Path) -> Result<PathBuf> {
    let app = root().join("apps/matrix");
    let (staging, dist) = (app.join("dist.new"), app.join("dist"));
    remove_folder(&staging)?;
    compile_sources(&staging)?;
    for file in ["host.json", "package.json"] {
        copy(&app.join(file), &staging.join(file))?;
    }
    copy_module(module, &staging.join("matrix.wasm"))?;
    copy_module(relaxed_simd, &staging.join("matrix.relaxed-simd.wasm"))?;
    copy_dependencies(&staging)?;
    remove_folder(&dist)?;
    fs::rename(&staging, &dist).with_context(|| format!("cannot put {} in place", dist.display()))?;
    Ok(dist)
}

fn compile_sources(out: &Path) -> Result<()> {
    let out = out.to_string_lossy();
    step("Compile the flagship app", npm(&["exec", "--workspace=apps/matrix", "--", "tsc", "--outDir", &out]))
}

/// Copies what `npm` says the app needs in production, each package in its place below `node_modules`.
fn copy_dependencies(staging: &Path) -> Result<()> {
    let listing =
        output(npm(&["ls", "--workspace=apps/matrix", "--omit=dev", "--all", "--parseable", "--loglevel=error"]))?;
    let root = dunce::canonicalize(root())?;
    for place in listing.lines().filter_map(|line| Path::new(line).strip_prefix(&root).ok()) {
        // Packages of this repository are links; the app itself and the workspace are listed too.
        let package = dunce::canonicalize(root.join(place))?;
        let is_copied = place.starts_with("node_modules") && !package.starts_with(root.join("apps"));
        if is_copied && !is_for_one_platform(&package)? {
            copy_package(&package, &staging.join(place), package.starts_with(root.join("npm")))?;
        }
    }
    Ok(())
}

/// Whether a package contains a native binary. Such optional packages are left out, because the app must run anywhere.
fn is_for_one_platform(package: &Path) -> Result<bool> {
    let file = package.join("package.json");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let manifest: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    Ok(manifest.get("os").is_some() || manifest.get("cpu").is_some())
}

/// Copies a package without the packages below it. From our own packages it copies only what would be published.
fn copy_package(from: &Path, to: &Path, ours: bool) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let (name, source) = (entry.file_name(), entry.path());
        if name == "node_modules" || (ours && name != "dist" && name != "package.json" && name != "README.md") {
            continue;
        }
        if source.is_dir() {
            copy_folder(&source, &to.join(name))?;
        } else {
            copy(&source, &to.join(name))?;
        }
    }
    Ok(())
}
