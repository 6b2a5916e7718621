//! The files of new apps and crates. `{{…}}` is replaced with a value.

use crate::name;
use crate::origin::Origin;
use crate::trigger::Trigger;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// The path of a file in the new folder, and its text.
type File = (&'static str, &'static str);

/// The files of the crate, beside `src/lib.rs`.
const CRATE: &[File] = &[
    (".cargo/config.toml", include_str!("../templates/app/cargo-config.toml")),
    ("Cargo.toml", include_str!("../templates/app/Cargo.toml.in")),
];

/// The other files of a new app.
pub const APP: &[File] = &[
    (".funcignore", include_str!("../templates/app/funcignore")),
    (".gitignore", include_str!("../templates/app/gitignore")),
    ("README.md", include_str!("../templates/app/README.md")),
    ("host.json", include_str!("../templates/app/host.json")),
    ("index.js", include_str!("../templates/app/index.js")),
    ("local.settings.json", include_str!("../templates/app/local.settings.json")),
    ("package.json", include_str!("../templates/app/package.json")),
];

/// What README.md says about packages that come from a checkout.
const FROM_CHECKOUT: &str = "
The crate `bluecrab` and the npm package come from a checkout of Bluecrab: the crate by its path on this machine (see
`Cargo.toml`), the npm package as a tarball in `vendor`. On other machines, change the path in `Cargo.toml`.
`docs/deploy.md` in the checkout explains this, and how to deploy the zip to Azure.
";

/// The values that differ between apps.
pub struct Values<'a> {
    /// The name of the app or the crate.
    pub name: &'a str,
    /// What package.json says about the npm package `bluecrab`.
    pub library: &'a str,
    /// Where the crate and the npm package come from.
    pub origin: &'a Origin,
    /// What calls the function.
    pub trigger: Trigger,
}

/// Writes the files of the crate into its folder.
pub fn write_crate(folder: &Path, values: &Values) -> Result<()> {
    write(folder, CRATE, values)?;
    write(folder, &[("src/lib.rs", values.trigger.source())], values)
}

/// Writes the files into a folder, and creates missing folders.
pub fn write(folder: &Path, files: &[File], values: &Values) -> Result<()> {
    for (file, template) in files {
        let file = folder.join(file);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        }
        fs::write(&file, values.fill(template)?).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

impl Values<'_> {
    fn fill(&self, template: &str) -> Result<String> {
        Ok(template
            .replace("{{name}}", self.name)
            .replace("{{module}}", &name::module_of(self.name))
            .replace("{{library}}", self.library)
            .replace("{{try}}", &self.trigger.attempt(self.name))
            .replace("{{bundle}}", self.trigger.bundle())
            .replace("{{settings}}", self.trigger.settings())
            .replace("{{command}}", &self.command())
            .replace("{{origin}}", self.origin_note())
            .replace("{{crate}}", &self.origin.crate_dependency()?))
    }

    /// The member of package.json that adds this command to the app's development packages.
    fn command(&self) -> String {
        let package = self.origin.command();
        package.map_or_else(String::new, |(name, versions)| {
            format!(",\n  \"devDependencies\": {{\n    \"{name}\": \"{versions}\"\n  }}")
        })
    }

    /// What README.md says about packages that come from a checkout.
    fn origin_note(&self) -> &'static str {
        match self.origin {
            Origin::Registries => "",
            Origin::Checkout(_) => FROM_CHECKOUT,
        }
    }
}
