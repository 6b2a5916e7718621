//! The files of new apps and crates. `{{…}}` is replaced with a value.

pub mod language;
pub mod name;
pub mod trigger;
pub mod workspace;

use crate::origin::Origin;
use anyhow::{Context, Result};
use language::{File, Language, OLDEST_NODE};
use std::fs;
use std::path::Path;
use trigger::Trigger;

/// The files of the crate, beside `src/lib.rs`.
const CRATE: &[File] = &[
    (".cargo/config.toml", include_str!("../../templates/app/cargo-config.toml")),
    ("Cargo.toml", include_str!("../../templates/app/Cargo.toml.in")),
];

/// The other files of a new app.
const APP: &[File] = &[
    (".funcignore", include_str!("../../templates/app/funcignore")),
    (".gitignore", include_str!("../../templates/app/gitignore")),
    (".vscode/launch.json", include_str!("../../templates/vscode/launch.json")),
    (".vscode/tasks.json", include_str!("../../templates/vscode/tasks.json")),
    ("host.json", include_str!("../../templates/app/host.json")),
    ("index.js", include_str!("../../templates/app/index.js")),
    ("local.settings.json", include_str!("../../templates/app/local.settings.json")),
    ("package.json", include_str!("../../templates/app/package.json")),
];

/// The entry file of an app whose function only JavaScript calls.
const CALLABLE: &[File] = &[("index.js", include_str!("../../templates/app/callable.js"))];

/// What only an app in Rust has.
const RUST: &[File] = &[
    (".vscode/extensions.json", include_str!("../../templates/vscode/extensions.json")),
    ("README.md", include_str!("../../templates/app/README.md")),
];
const README_OF_OTHER_LANGUAGES: &[File] = &[("README.md", include_str!("../../templates/languages/README.md"))];

/// What README.md says about packages that come from a checkout.
const FROM_CHECKOUT: &str = "
The crate `bluecrab` and the npm package come from a checkout of Bluecrab: the crate by its path on this machine (see
`Cargo.toml`), the npm package as a tarball in `vendor`. On other machines, change the path in `Cargo.toml`.
`docs/deploy.md` in the checkout explains this, and how to deploy the zip to Azure.
";

const LIBRARY_FROM_CHECKOUT: &str = "
The npm package `bluecrab` comes from a checkout of Bluecrab, as a tarball in `vendor`. In the checkout,
`docs/other-languages.md` describes functions in other languages than Rust, and `docs/deploy.md` explains how to deploy
the zip to Azure.
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
    /// The name of the function in Rust.
    pub function: &'a str,
    /// The language of the function.
    pub language: Language,
}

/// Writes the files of an app into its folder.
pub fn write_app(folder: &Path, values: &Values) -> Result<()> {
    write(folder, APP, values)?;
    match values.language.other() {
        None => {
            write_crate(folder, values)?;
            if values.trigger == Trigger::Callable {
                write(folder, CALLABLE, values)?;
            }
            write(folder, RUST, values)
        }
        Some(other) => {
            write(folder, README_OF_OTHER_LANGUAGES, values)?;
            // The language's files come last, because they may replace files that every app has.
            write(folder, other.files, values)
        }
    }
}

/// Writes the files of the crate into its folder.
pub fn write_crate(folder: &Path, values: &Values) -> Result<()> {
    write(folder, CRATE, values)?;
    write(folder, &[("src/lib.rs", &values.trigger.source(values.function))], values)
}

/// Writes the files into a folder, and creates missing folders.
fn write(folder: &Path, files: &[(&str, &str)], values: &Values) -> Result<()> {
    for (file, template) in files {
        let file = folder.join(values.fill(file)?);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        }
        fs::write(&file, values.fill(template)?).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

impl Values<'_> {
    fn fill(&self, template: &str) -> Result<String> {
        let module = name::module_of(self.name);
        let mut text = template.replace("{{members}}", &self.members());
        if let Some(other) = self.language.other() {
            text = text
                .replace("{{language}}", other.name)
                .replace("{{source}}", other.files.first().map_or("", |(file, _)| file))
                .replace("{{compiler}}", other.compiler)
                .replace("{{another}}", other.another);
        }
        Ok(text
            .replace("{{name}}", self.name)
            .replace("{{stem}}", module.trim_end_matches(".wasm"))
            .replace("{{module}}", &module)
            .replace("{{library}}", self.library)
            .replace("{{node}}", self.language.other().map_or(OLDEST_NODE, |other| other.oldest_node))
            .replace("{{try}}", &self.trigger.first_attempt("bluecrab"))
            .replace("{{bundle}}", self.trigger.bundle())
            .replace("{{settings}}", self.trigger.settings())
            // Only modules in Rust have debug information.
            .replace("{{debug}}", if self.language == Language::Rust { "--debug" } else { "--inspect" })
            .replace("{{command}}", self.command())
            .replace("{{npx}}", self.npx())
            .replace("{{origin}}", self.origin_note())
            .replace("{{crate}}", &self.origin.crate_dependency()?))
    }

    /// How the tasks of VS Code call this command. With its whole name, npx finds it before `npm install`, too.
    fn command(&self) -> &'static str {
        match self.origin {
            Origin::Registries => "npx @bluecrab/cli",
            Origin::Checkout(_) => "bluecrab",
        }
    }

    /// How VS Code's debug terminal starts npx, which then calls this command. VS Code forgets how to read debug
    /// information when the first process of Node.js ends, so npx has to be first: the workers change.
    fn npx(&self) -> &'static str {
        match self.origin {
            Origin::Registries => "npx --package=@bluecrab/cli",
            Origin::Checkout(_) => "npx",
        }
    }

    /// The members of package.json that differ: the development packages, among them this command, and the commands
    /// that build the module.
    fn members(&self) -> String {
        let command = self.origin.command().map(|(name, versions)| format!("\"{name}\": \"{versions}\""));
        let other = self.language.other();
        let compiler = other.map_or(&[][..], |other| other.packages);
        let compiler = compiler.iter().map(|(name, version)| format!("\"{name}\": \"{version}\""));
        let packages: Vec<String> = compiler.chain(command).collect();
        let mut members = String::new();
        if !packages.is_empty() {
            members += &format!(",\n  \"devDependencies\": {{\n    {}\n  }}", packages.join(",\n    "));
        }
        if let Some(other) = other {
            members += &format!(",\n  \"bluecrab\": {{\n    \"build\": [\"{}\"]\n  }}", other.build);
        }
        members
    }

    /// What README.md says about packages that come from a checkout.
    fn origin_note(&self) -> &'static str {
        match self.origin {
            Origin::Registries => "",
            Origin::Checkout(_) if self.language == Language::Rust => FROM_CHECKOUT,
            Origin::Checkout(_) => LIBRARY_FROM_CHECKOUT,
        }
    }
}
