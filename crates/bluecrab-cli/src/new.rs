//! `bluecrab new`: the folder of a new app.

use crate::checkout::Checkout;
use crate::name;
use crate::template::{self, Values};
use crate::workspace::{self, Surroundings};
use anyhow::{Result, bail};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};

/// What to make.
#[derive(Args)]
#[command(after_help = "Example:\n    bluecrab new hello && cd hello && bluecrab dev --watch")]
pub struct NewArgs {
    /// The app's folder, which is made; its last part is the app's name
    #[arg(value_name = "NAME")]
    folder: PathBuf,
    /// The checkout of Bluecrab to take the crate and the npm package from, if not this command's own
    #[arg(long, value_name = "FOLDER")]
    checkout: Option<PathBuf>,
}

/// Makes the app and says what to do with it.
pub fn run(arguments: &NewArgs) -> Result<()> {
    let folder = &arguments.folder;
    let Some(name) = folder.file_name().map(|name| name.to_string_lossy().into_owned()) else {
        bail!("`{}` does not end with a name: name a folder that is to be made", folder.display());
    };
    name::check(&name)?;
    if folder.symlink_metadata().is_ok() {
        bail!("{} exists: nothing is overwritten; choose another name, or remove it first", folder.display());
    }
    let checkout = Checkout::find(arguments.checkout.as_deref())?;
    let written = write(folder, &name, &checkout);
    if written.is_err() {
        // Half an app is of no use, and would be in the way of the next attempt.
        drop(fs::remove_dir_all(folder));
    }
    let workspace = written?;
    let advice = workspace.map(|root| workspace::advice(&root)).unwrap_or_default();
    say!("{}{advice}", next_steps(folder, &name));
    Ok(())
}

/// Writes the app's files; returns the root of the cargo workspace that its crate is a member of.
fn write(folder: &Path, name: &str, checkout: &Checkout) -> Result<Option<PathBuf>> {
    let surroundings = Surroundings::of(folder)?;
    let library = checkout.vendor_library(folder)?;
    let values = Values { name, library: &library, checkout };
    template::write(folder, template::CRATE, &values)?;
    template::write(folder, template::APP, &values)?;
    surroundings.fit_in(folder)
}

fn next_steps(folder: &Path, name: &str) -> String {
    format!(
        "Made {folder}, a function app with one function in Rust. Now:

    cd {folder}
    bluecrab dev --watch    # build it and serve it, again at each change
    curl localhost:7071/api/statistics --json '[1, 2, 3]'

    cargo test              # the tests in src/lib.rs
    bluecrab package        # {name}.zip, to be deployed",
        folder = folder.display()
    )
}
