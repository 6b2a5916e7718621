//! Where apps take the crate and the npm package from. A release of this command takes both from their registries, in
//! its own version. A command that was built in a checkout of Bluecrab takes both from the checkout.

use crate::npm::npm;
use crate::tools;
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};

/// The version of this command, of the crate and of the npm packages.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Returns the checkout in which this command was built, unless it is a release.
pub fn own_checkout() -> Option<&'static Path> {
    if bluecrab_host::IS_RELEASE { None } else { Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2) }
}

/// Where an app takes the crate and the npm package from.
pub enum Origin {
    /// crates.io and npm.
    Registries,
    /// A checkout whose runtime library is built.
    Checkout(PathBuf),
}

impl Origin {
    /// Uses the given checkout, or else the origin that belongs to this command.
    pub fn find(given: Option<&Path>) -> Result<Self> {
        let Some(root) = given.or(own_checkout()) else { return Ok(Self::Registries) };
        let root = std::path::absolute(root).context("the current folder no longer exists")?;
        if !crate_in(&root).join("Cargo.toml").is_file() || !library_in(&root).join("package.json").is_file() {
            let folder = root.display();
            match given {
                Some(_) => bail!(
                    "{folder} is not a checkout of Bluecrab: it does not contain crates/bluecrab and npm/bluecrab"
                ),
                None => bail!(
                    "the checkout that this command was built from no longer exists ({folder}): give another checkout \
                     with --checkout"
                ),
            }
        }
        let built = library_in(&root).join("dist/index.js");
        ensure!(built.is_file(), "the runtime library is not built: run `cargo xtask build` in {}", root.display());
        Ok(Self::Checkout(root))
    }

    /// Returns the dependency on the crate `bluecrab`, as Cargo.toml writes it.
    pub fn crate_dependency(&self) -> Result<String> {
        let Self::Checkout(root) = self else { return Ok(format!("\"{VERSION}\"")) };
        let folder = crate_in(root);
        // A JSON string is also a valid TOML string.
        let path = serde_json::to_string(&folder).with_context(|| format!("{} is not UTF-8", folder.display()))?;
        Ok(format!("{{ path = {path} }} # the built module does not need the checkout"))
    }

    /// Returns what package.json says about the npm package: its versions, or the path of a tarball, which is packed
    /// into the folder `vendor` of the app.
    pub fn library(&self, app: &Path) -> Result<String> {
        match self {
            Self::Registries => Ok(format!("^{VERSION}")),
            Self::Checkout(root) => Ok(format!("file:{}", vendor(&library_in(root), app)?)),
        }
    }

    /// Returns the npm package that contains this command and its versions. A checkout has no such package.
    pub fn command(&self) -> Option<(&'static str, String)> {
        matches!(self, Self::Registries).then(|| ("@bluecrab/cli", format!("^{VERSION}")))
    }
}

fn crate_in(root: &Path) -> PathBuf {
    root.join("crates").join("bluecrab")
}

fn library_in(root: &Path) -> PathBuf {
    root.join("npm").join("bluecrab")
}

/// Packs the npm package into the folder `vendor` of an app. Returns the tarball's path relative to the app's folder.
fn vendor(library: &Path, app: &Path) -> Result<String> {
    // Pack into a temporary folder: if the user interrupts, no incomplete file remains in the app.
    let packed = tempfile::tempdir().context("cannot create a temporary folder for the npm package")?;
    let mut pack = npm(&["pack", "--loglevel=error", "--ignore-scripts", "--pack-destination"]);
    // Run in the library's folder: in an app with another package manager, npm may refuse to run.
    pack.arg(packed.path()).current_dir(library);
    let printed = tools::output(pack)?;
    let name = printed.lines().last().unwrap_or_default().trim();
    ensure!(packed.path().join(name).is_file(), "`npm pack` did not say which file it wrote: {printed}");
    let vendor = app.join("vendor");
    std::fs::create_dir_all(&vendor).with_context(|| format!("cannot create {}", vendor.display()))?;
    std::fs::copy(packed.path().join(name), vendor.join(name))
        .with_context(|| format!("cannot write into {}", vendor.display()))?;
    Ok(format!("vendor/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_takes_its_own_version_from_the_registries() {
        let origin = Origin::Registries;
        assert_eq!(origin.crate_dependency().unwrap(), format!("\"{VERSION}\""));
        assert_eq!(origin.library(Path::new("nowhere")).unwrap(), format!("^{VERSION}"));
        assert_eq!(origin.command(), Some(("@bluecrab/cli", format!("^{VERSION}"))));
    }
}
