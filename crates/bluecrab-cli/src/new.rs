//! `bluecrab new`: creates an app.

use crate::origin::Origin;
use crate::template::language::Language;
use crate::template::name;
use crate::template::trigger::Trigger;
use crate::template::workspace::{self, Surroundings};
use crate::template::{self, Values};
use crate::tools;
use anyhow::{Result, bail};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};

/// The arguments of `bluecrab new`.
#[derive(Args)]
#[command(after_help = "Example:\n    bluecrab new hello --trigger queue && cd hello && bluecrab dev --watch")]
pub struct NewArgs {
    /// The folder to create; its last part is the name of the app
    #[arg(value_name = "NAME")]
    folder: PathBuf,
    /// What calls the function
    #[arg(long, value_enum, default_value_t)]
    trigger: Trigger,
    /// The language of the function
    #[arg(long = "lang", value_enum, value_name = "LANGUAGE", default_value_t)]
    language: Language,
    /// Take the crate and the npm package from this checkout of Bluecrab
    #[arg(long, value_name = "FOLDER")]
    checkout: Option<PathBuf>,
}

/// Creates the app and prints the next steps.
pub fn run(arguments: &NewArgs) -> Result<()> {
    let folder = &arguments.folder;
    let Some(name) = folder.file_name().map(|name| name.to_string_lossy().into_owned()) else {
        bail!("`{}` does not end with a name: give the name of a new folder", folder.display());
    };
    name::check(&name)?;
    if folder.symlink_metadata().is_ok() {
        bail!("{} already exists and is not overwritten; choose another name, or remove it first", folder.display());
    }
    if let Some(other) = arguments.language.other()
        && arguments.trigger != Trigger::Http
    {
        bail!(
            "a new app in {} has a function that HTTP calls: leave out --trigger, and see docs/other-languages.md for \
             the other triggers",
            other.name
        );
    }
    let origin = Origin::find(arguments.checkout.as_deref())?;
    let missing: Vec<&Path> = folder.ancestors().skip(1).take_while(|parent| !parent.exists()).collect();
    let written = write(folder, &name, arguments, &origin);
    if written.is_err() {
        // An incomplete app is useless, and would be in the way of the next attempt.
        drop(fs::remove_dir_all(folder));
        missing.iter().for_each(|parent| drop(fs::remove_dir(parent)));
    }
    let workspace = written?;
    let advice = workspace.map(|root| workspace::advice(&root)).unwrap_or_default();
    say!("{}{advice}", next_steps(folder, &name, arguments));
    Ok(())
}

/// Writes the app's files. Returns the root of the cargo workspace if the crate becomes a member of one.
fn write(folder: &Path, name: &str, arguments: &NewArgs, origin: &Origin) -> Result<Option<PathBuf>> {
    let NewArgs { trigger, language, .. } = *arguments;
    // Only an app in Rust has a crate.
    let surroundings = if language == Language::Rust { Some(Surroundings::of(folder)?) } else { None };
    let library = origin.library(folder)?;
    template::write_app(
        folder,
        &Values { name, library: &library, origin, trigger, function: trigger.function(), language },
    )?;
    surroundings.map_or(Ok(None), |surroundings| surroundings.fit_in(folder))
}

fn next_steps(folder: &Path, name: &str, arguments: &NewArgs) -> String {
    let other = arguments.language.other();
    let (serve, package) = (format!("{} dev --watch", tools::own_name()), format!("{} package", tools::own_name()));
    // The comments begin below each other.
    let width = serve.len() + 4;
    let tests = format!("    {:width$}# the tests in src/lib.rs\n", "cargo test");
    format!(
        "Created {place}, a function app with one function in {language}.{needs} Next steps:

    cd {folder}
    {serve:width$}# build and serve it; repeat at each change
    {attempt}

{tests}    {package:width$}# make {name}.zip for deployment",
        place = folder.display(),
        folder = tools::quoted(&folder.to_string_lossy()),
        language = other.map_or("Rust", |other| other.name),
        needs = other.map_or(String::new(), |other| format!(" To build it, you need {}.", other.compiler)),
        attempt = arguments.trigger.first_attempt(tools::own_name()),
        tests = if other.is_none() { &*tests } else { "" },
    )
}
