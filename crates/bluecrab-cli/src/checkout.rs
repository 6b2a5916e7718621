//! The checkout of Bluecrab from which apps take the crate and the npm package. Neither is published yet.

use crate::npm::npm;
use crate::tools;
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};

/// Returns the checkout from which this command was built.
pub fn own() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package)
}

/// A checkout whose runtime library is built.
pub struct Checkout {
    root: PathBuf,
}

impl Checkout {
    /// Uses the given folder, or else the checkout from which this command was built.
    pub fn find(given: Option<&Path>) -> Result<Self> {
        let root = std::path::absolute(given.unwrap_or(own())).context("the current folder no longer exists")?;
        let checkout = Self { root };
        if !checkout.crate_folder().join("Cargo.toml").is_file() || !checkout.library().join("package.json").is_file() {
            let folder = checkout.root.display();
            match given {
                Some(_) => bail!(
                    "{folder} is not a checkout of Bluecrab: it does not contain crates/bluecrab and npm/bluecrab"
                ),
                None => bail!(
                    "the crate and the npm package `bluecrab` are not published yet, and the checkout that this \
                     command was built from no longer exists ({folder}): give another checkout with --checkout"
                ),
            }
        }
        let built = checkout.library().join("dist/index.js");
        ensure!(
            built.is_file(),
            "the runtime library is not built: run `cargo xtask build` in {}",
            checkout.root.display()
        );
        Ok(checkout)
    }

    /// Returns the folder of the crate `bluecrab`.
    pub fn crate_folder(&self) -> PathBuf {
        self.root.join("crates").join("bluecrab")
    }

    fn library(&self) -> PathBuf {
        self.root.join("npm").join("bluecrab")
    }

    /// Packs the npm package into the folder `vendor` of an app. Returns the tarball's path relative to the app's
    /// folder.
    pub fn vendor_library(&self, app: &Path) -> Result<String> {
        // Pack into a temporary folder: if the user interrupts, no incomplete file remains in the app.
        let packed = tempfile::tempdir().context("cannot create a temporary folder for the npm package")?;
        let mut pack = npm(&["pack", "--loglevel=error", "--ignore-scripts", "--pack-destination"]);
        // Run in the library's folder: in an app with another package manager, npm may refuse to run.
        pack.arg(packed.path()).current_dir(self.library());
        let printed = tools::output(pack)?;
        let name = printed.lines().last().unwrap_or_default().trim();
        ensure!(packed.path().join(name).is_file(), "`npm pack` did not say which file it wrote: {printed}");
        let vendor = app.join("vendor");
        std::fs::create_dir_all(&vendor).with_context(|| format!("cannot create {}", vendor.display()))?;
        std::fs::copy(packed.path().join(name), vendor.join(name))
            .with_context(|| format!("cannot write into {}", vendor.display()))?;
        Ok(format!("vendor/{name}"))
    }
}
