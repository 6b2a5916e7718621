//! The steps of a build, in the order in which they run.

use crate::app;
use crate::command::{cargo, npm, program, root, step};
use crate::files::{copy, copy_module, meter};
use crate::setup::{WASM_TARGET, install_target};
use anyhow::{Context, Result};
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};

/// What a build makes.
pub struct Built {
    /// The `bluecrab` command.
    pub bluecrab: PathBuf,
    /// The flagship function app, ready to run or to be zipped.
    pub app: PathBuf,
}

/// Builds the npm packages, the command, the flagship's module with its metered copy, the flagship app, and the module
/// of the matrix package.
pub fn run() -> Result<Built> {
    let target = target_folder()?;
    npm_packages()?;
    let bluecrab = build_command(&target)?;
    let module = module("matrix")?;
    let relaxed_simd = build_relaxed_simd("matrix", &target)?;
    let app = app::assemble(&module, &relaxed_simd)?;
    matrix_module()?;
    Ok(Built { bluecrab, app })
}

/// Builds the runtime library, the worker, and the JavaScript of the matrix package, which needs the library's types.
pub fn npm_packages() -> Result<()> {
    let packages = ["bluecrab", "worker", "matrix"].map(|name| format!("--workspace=npm/{name}"));
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    step("Build the npm packages", npm(&[&["run", "build", "--silent"], &packages[..]].concat()))
}

/// Builds the module of the matrix package into the package.
pub fn matrix_module() -> Result<()> {
    copy_module(&module("npm-matrix")?, &root().join("npm/matrix/dist/matrix.wasm"))
}

fn build_command(target: &Path) -> Result<PathBuf> {
    step("Build the bluecrab command", cargo(&["build", "--profile=tools", "--package=bluecrab-cli"]))?;
    Ok(target.join("tools").join(format!("bluecrab{}", EXE_SUFFIX)))
}

/// Builds the module of a package, with its metered copy next to it, and returns its file.
pub fn module(package: &str) -> Result<PathBuf> {
    let module = compile(&format!("Build the module {package}"), package, &target_folder()?, &["--lib"])?;
    meter(&module)?;
    Ok(module)
}

/// Builds the module for runtimes with relaxed SIMD. The flags apply to all crates, so it needs its own target folder.
fn build_relaxed_simd(package: &str, target: &Path) -> Result<PathBuf> {
    let flags = format!(r#"target.{WASM_TARGET}.rustflags=["-C","target-feature=+simd128,+relaxed-simd"]"#);
    let name = format!("Build the module {package} with relaxed SIMD");
    compile(&name, package, &target.join("relaxed-simd"), &["--lib", "--config", &flags])
}

/// Builds the program of a package, and returns its file.
pub fn wasi_program(package: &str) -> Result<PathBuf> {
    compile(&format!("Build the program {package}"), package, &target_folder()?, &["--bins"])
}

fn compile(name: &str, package: &str, target: &Path, flags: &[&str]) -> Result<PathBuf> {
    let mut build = cargo(&["build", "--release", "--package", package, "--target", WASM_TARGET]);
    build.args(flags).arg("--target-dir").arg(target);
    step(name, build)?;
    let file = Path::new(&package.replace('-', "_")).with_extension("wasm");
    Ok(target.join(WASM_TARGET).join("release").join(file))
}

/// Where cargo builds: this program itself was built there, as `TARGET/PROFILE/xtask`.
pub fn target_folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("CARGO_TARGET_DIR") {
        return Ok(root().join(folder));
    }
    let program = std::env::current_exe()?;
    program.ancestors().nth(2).map(PathBuf::from).context("xtask runs outside cargo's target folder")
}

/// The jobs, each a folder of `apps/jobs`.
pub const JOBS: [&str; 7] = ["markdown", "csv", "schema", "bcrypt", "gzip", "thumbnail", "montecarlo"];
/// The scenarios of the jobs, each a file of `scenarios/jobs`. Two of them measure the job gzip.
pub const JOB_SCENARIOS: [&str; 8] =
    ["bcrypt", "csv", "gunzip", "gzip", "markdown", "montecarlo", "schema", "thumbnail"];

/// Builds the module of every job into its app, and makes the payloads. The apps need the npm packages.
pub fn jobs() -> Result<()> {
    let packages = JOBS.map(|job| format!("--package=job-{job}"));
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    let target = format!("--target={WASM_TARGET}");
    step("Build the modules of the jobs", cargo(&[&["build", "--release", &target], &packages[..]].concat()))?;
    let modules = target_folder()?.join(WASM_TARGET).join("release");
    for job in JOBS {
        let app = root().join("apps/jobs").join(job).join("rust");
        copy_module(&modules.join(format!("job_{job}.wasm")), &app.join(format!("{job}.wasm")))?;
    }
    step("Make the payloads of the jobs", program("node", &["apps/jobs/payloads.mjs"]))
}

/// Builds the module of the picture app into the app.
pub fn pictures() -> Result<()> {
    copy_module(&module("pictures")?, &root().join("apps/pictures/rust/pictures.wasm"))
}

/// Builds the app that only moves bytes, into `bench/echo/dist`.
pub fn echo() -> Result<()> {
    let sources = root().join("bench/echo/app");
    let files = ["functions.js", "host.json", "package.json"].map(|name| (sources.join(name), name));
    put(files, "bench/echo/dist")?;
    copy_module(&module("bench-echo")?, &root().join("bench/echo/dist/echo.wasm"))
}

/// Builds what the peers need in addition to their sources: the module of the way of 2019, and the native addon.
pub fn peers() -> Result<()> {
    let glue = way_of_2019()?;
    let module = glue.with_file_name("way_of_2019_bg.wasm");
    put([(glue, "way_of_2019.js"), (module, "way_of_2019_bg.wasm")], "bench/peers/dist")?;
    let target = target_folder()?.join("peer-napi");
    let mut addon = cargo(&["build", "--release", "--locked", "--manifest-path=bench/peers/addon/Cargo.toml"]);
    addon.env("CARGO_TARGET_DIR", &target);
    step("Build the native addon", addon)?;
    let library = target.join("release").join(format!("{DLL_PREFIX}peer_napi{DLL_SUFFIX}"));
    put([(library, "matrix.node")], "bench/peers/dist")
}

/// The target that wasm-bindgen knows.
const BINDGEN_TARGET: &str = "wasm32-unknown-unknown";

/// Builds the product as it was called in 2019, and returns the JavaScript that wasm-bindgen writes next to the module.
fn way_of_2019() -> Result<PathBuf> {
    install_target(BINDGEN_TARGET)?;
    let target = target_folder()?.join("way-of-2019");
    let within = |arguments: &[&str]| {
        let mut command = cargo(arguments);
        command.current_dir(root().join("bench/way-of-2019")).env("CARGO_TARGET_DIR", &target);
        command
    };
    let module = ["build", "--release", "--locked", "--package=way-of-2019", "--target", BINDGEN_TARGET];
    step("Build the module of the 2019 way", within(&module))?;
    let module = target.join(BINDGEN_TARGET).join("release/way_of_2019.wasm");
    let folder = target.join("glue");
    let mut glue = within(&["run", "--quiet", "--profile=tools", "--locked", "--package=glue", "--"]);
    glue.args([&module, &folder]);
    step("Write its JavaScript", glue)?;
    Ok(folder.join("way_of_2019.js"))
}

/// Copies files into a folder of the repository.
fn put<'a>(files: impl IntoIterator<Item = (PathBuf, &'a str)>, folder: &str) -> Result<()> {
    let folder = root().join(folder);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    files.into_iter().try_for_each(|(file, name)| copy(&file, &folder.join(name)))
}
