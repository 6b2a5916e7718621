//! Fits a new crate into the cargo workspace around it.

use crate::crates::{is_crate, metadata};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Makes the module small and fast. Cargo reads a profile only in the Cargo.toml of the workspace's root.
const PROFILE: &str = "\n[profile.release]\ncodegen-units = 1\nlto = \"fat\"\nstrip = true\n";

/// Separates the crate from a workspace that does not list it as a member; otherwise cargo fails.
const OWN_WORKSPACE: &str = "\n[workspace]\n";

/// The folders above a new crate in which cargo works.
pub struct Surroundings(Vec<PathBuf>);

impl Surroundings {
    /// Finds the folders above a crate that does not exist yet.
    pub fn of(folder: &Path) -> Result<Self> {
        let folder = std::path::absolute(folder).context("the current folder no longer exists")?;
        let above = folder.ancestors().skip(1).filter(|above| is_crate(above) && metadata(above).is_ok());
        Ok(Self(above.map(Path::to_owned).collect()))
    }

    /// Completes the new crate's Cargo.toml so that cargo works in the crate and still works in the folders above.
    /// Returns the root of the workspace if the crate is a member of one.
    pub fn fit_in(self, folder: &Path) -> Result<Option<PathBuf>> {
        let folder = dunce::canonicalize(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        let manifest = folder.join("Cargo.toml");
        if !folder.ancestors().skip(1).any(is_crate) {
            append(&manifest, PROFILE)?;
            return Ok(None);
        }
        let refusal = match metadata(&folder) {
            Ok(found) => {
                let root = found.workspace_root.into_std_path_buf();
                let root = dunce::canonicalize(&root).unwrap_or(root);
                if root == folder {
                    append(&manifest, PROFILE)?;
                    return Ok(None);
                }
                return Ok(Some(root));
            }
            Err(refusal) => refusal,
        };
        append(&manifest, &[PROFILE, OWN_WORKSPACE].concat())?;
        if metadata(&folder).is_err() || self.0.iter().any(|above| metadata(above).is_err()) {
            return Err(refusal.context("the crate does not fit into the cargo workspace around it"));
        }
        Ok(None)
    }
}

/// Says which release profile the workspace should have.
pub fn advice(root: &Path) -> String {
    format!(
        "\n\nThe crate is a member of the workspace in {root}, whose Cargo.toml sets the release profile. For a small \
         and fast module, add this to it:\n{profile}",
        root = root.display(),
        profile = PROFILE.trim_end().replace('\n', "\n    ").replace("\n    \n", "\n\n")
    )
}

fn append(manifest: &Path, text: &str) -> Result<()> {
    let begin = fs::read_to_string(manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    fs::write(manifest, begin + text).with_context(|| format!("cannot write {}", manifest.display()))
}
