//! Other versions of Node.js, from npm's package `node`, installed in the target folder for this run only.

use crate::command::{npm, output, program, root, step, use_node};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

/// Stands for the Node.js that is installed.
pub const INSTALLED: &str = "installed";

/// Accepts a version such as 24 or 22.12.0.
pub fn version(text: &str) -> std::result::Result<String, &'static str> {
    let is_version = text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if is_version { Ok(text.to_owned()) } else { Err("expected a version such as 24 or 22.12.0") }
}

/// Accepts `installed` too.
pub fn version_or_installed(text: &str) -> std::result::Result<String, &'static str> {
    if text == INSTALLED { Ok(text.to_owned()) } else { version(text) }
}

/// Makes every program from here on find this version of Node.js first; `installed` undoes that.
pub fn put_first(version: &str) -> Result<()> {
    if version == INSTALLED {
        use_node(None);
        return Ok(());
    }
    let folder = crate::build::target_folder()?.join("node").join(version);
    let bin = folder.join("node_modules/node/bin");
    if !is_version(&bin, version) && (install(&folder, version).is_err() || !is_version(&bin, version)) {
        bail!(
            "cannot use Node.js {version}: npm could not install `node@{version}` into {}; its message above says why, \
             and `npm view node versions` lists the versions that there are",
            folder.display()
        );
    }
    use_node(Some(bin));
    println!("── Use Node.js {}", output(program("node", &["--version"]))?);
    Ok(())
}

fn install(folder: &Path, version: &str) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let package = format!("node@{version}");
    let mut install =
        npm(&["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]);
    install.arg("--prefix").arg(folder).arg(package);
    step(&format!("Install Node.js {version}"), install)
}

fn is_version(bin: &Path, version: &str) -> bool {
    let mut node = Command::new(bin.join(format!("node{}", std::env::consts::EXE_SUFFIX)));
    let printed = node.arg("--version").current_dir(root()).output().map(|output| output.stdout).unwrap_or_default();
    let printed = String::from_utf8_lossy(&printed);
    let rest = printed.trim().trim_start_matches('v').strip_prefix(version);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
