//! Every check, the cheapest first: `cargo xtask test`.

use crate::command::{cargo, npm, program, step};
use crate::files::{copy_folder, copy_module, remove_folder};
use crate::release::ReleaseArgs;
use crate::{build, codegen, documented, guests, lint, locks, node, release, setup, site};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use std::fs;
use std::path::{Path, PathBuf};

/// Which tests to run.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask test --only npm,e2e --node 24")]
pub struct TestArgs {
    /// Run only these suites, separated by commas, and no lints [default: all except guests, soak, managers, site and
    /// release]
    #[arg(long, value_name = "SUITE", value_delimiter = ',')]
    only: Vec<Suite>,
    /// Use this version of Node.js, from npm's package `node`, and leave out the suite rust
    #[arg(long, value_name = "VERSION", value_parser = node::version)]
    node: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// Test the crates
    Rust,
    /// Test the npm packages
    Npm,
    /// Test the apps over HTTP, through host, worker and @azure/functions
    E2e,
    /// Compare products and numbers with those of Math.js and JavaScript
    Differential,
    /// Test the functions in C, Zig, AssemblyScript and Go, and the components
    Guests,
    /// Send good, bad and failing requests for a minute, make 10,000 short calls that fail, and process 10,000 messages
    /// while workers and hosts are killed
    Soak,
    /// Walk with npm, pnpm, Yarn and Bun from a new function to its package, in single apps and in monorepos
    Managers,
    /// Build the documentation as a site, and check its links
    Site,
    /// Install a release from local registries in an empty home folder, and walk from a new app to its package
    Release,
}

/// What runs without `--only`.
const USUAL: [Suite; 4] = [Suite::Rust, Suite::Npm, Suite::E2e, Suite::Differential];

/// Sets up, builds, and runs the suites.
pub fn run(arguments: &TestArgs) -> Result<()> {
    setup::run()?;
    if arguments.only.is_empty() && arguments.node.is_none() {
        locks::check()?;
        lint::run()?;
        codegen::check()?;
    }
    let mut suites = if arguments.only.is_empty() { USUAL.to_vec() } else { arguments.only.clone() };
    if let Some(version) = &arguments.node {
        node::put_first(version)?;
        suites.retain(|suite| *suite != Suite::Rust);
    }
    if suites.iter().any(|suite| matches!(suite, Suite::Rust | Suite::E2e | Suite::Soak)) {
        setup::install_azurite()?;
    }
    let built = build::run()?;
    if arguments.only.is_empty() {
        documented::check(&built.bluecrab)?;
    }
    for suite in suites {
        match suite {
            Suite::Rust => step("Test Rust", cargo(&["test", "--workspace", "--quiet"]))?,
            Suite::Npm => {
                let packages = ["test", "--workspace=npm/bluecrab", "--workspace=npm/matrix", "--workspace=npm/worker"];
                step("Test the npm packages", npm(&packages))?;
            }
            Suite::E2e => e2e(&built)?,
            Suite::Differential => {
                let mut test = npm(&["run", "differential", "--workspace=apps/matrix"]);
                test.env("BLUECRAB_APP", &built.app);
                step("Compare products and numbers with those of JavaScript", test)?;
            }
            Suite::Guests => guests::test(&built)?,
            Suite::Soak => soak(&built)?,
            Suite::Managers => {
                let walks = ["test", "--package=bluecrab-cli", "--test=app", "--", "walks", "--ignored", "--nocapture"];
                step("Walk with each package manager", cargo(&walks))?;
            }
            Suite::Site => site::build()?,
            Suite::Release => release()?,
        }
    }
    println!("── every check passed");
    Ok(())
}

fn e2e(built: &build::Built) -> Result<()> {
    let test = |name: &str, place: &str, variables: &[(&str, &Path)]| {
        let mut test = npm(&["test", place]);
        test.env("BLUECRAB", &built.bluecrab).envs(variables.iter().copied());
        step(name, test)
    };
    let (extractors, faults) = (build::module("extractors")?, build::module("faults")?);
    test("Test the crate bluecrab end to end", "--prefix=apps/extractors", &[("EXTRACTORS_MODULE", &extractors)])?;
    test(
        "Test every trigger end to end",
        "--prefix=apps/triggers",
        &[("TRIGGERS_MODULE", &build::module("triggers")?)],
    )?;
    test(
        "Test programs end to end",
        "--prefix=apps/programs",
        &[("PROGRAMS_FILE", &build::wasi_program("programs")?)],
    )?;
    test("Test every fault end to end", "--prefix=apps/faults", &[("FAULTS_MODULE", &faults)])?;
    test("Test bundled apps end to end", "--workspace=apps/bundled", &[("FAULTS_MODULE", &faults)])?;
    test("Test the flagship app end to end", "--workspace=apps/matrix", &[("BLUECRAB_APP", &built.app)])?;
    build::jobs()?;
    test("Compare both sides of every job", "--workspace=apps/jobs", &[])?;
    build::pictures()?;
    test("Compare the picture app in JavaScript and in Rust", "--prefix=apps/pictures", &[])?;
    test("Follow the recipes", "--prefix=apps/recipes", &[("RECIPES_MODULE", &build::module("recipes")?)])?;
    let mut copies = program("node", &["--test", "--test-reporter=spec", "apps/metered.test.mjs"]);
    copies.env("MATRIX_MODULE", built.app.join("matrix.wasm")).env("EXTRACTORS_MODULE", extractors);
    step("Compare modules with their metered copies", copies)?;
    setup::install_debugger()?;
    test("Debug a function in Rust", "--prefix=apps/debugger", &[])
}

fn release() -> Result<()> {
    release::run(&ReleaseArgs::default())?;
    let install = ["ci", "--prefix=release", "--no-audit", "--no-fund", "--loglevel=error"];
    step("Install the npm registry", npm(&install))?;
    let mut walk = npm(&["test", "--prefix=release"]);
    walk.env("BLUECRAB_DIST", release::folder()?);
    step("Install a release, and walk from a new app to its package", walk)
}

const REGISTER: &str =
    "require('bluecrab').registerModule(require('node:path').join(__dirname, '..', 'extractors.wasm'));\n";

/// Serves the flagship app together with the module that fails in every way.
fn soak(built: &build::Built) -> Result<()> {
    let app: PathBuf = build::target_folder()?.join("soak");
    remove_folder(&app)?;
    copy_folder(&built.app, &app)?;
    copy_module(&build::module("extractors")?, &app.join("extractors.wasm"))?;
    fs::write(app.join("functions/extractors.js"), REGISTER).context("cannot write functions/extractors.js")?;
    let mut soak = npm(&["run", "soak", "--prefix=apps/faults"]);
    soak.env("BLUECRAB", &built.bluecrab).env("SOAK_APP", app);
    soak.env("FAULTS_MODULE", build::module("faults")?).env("FAULTS", "10000");
    step("Send good, bad and failing requests for a minute, and make 10,000 short calls that fail", soak)?;
    let messages = ["test", "--package=bluecrab-cli", "--test=storage", "--", "--ignored", "--nocapture"];
    step("Process 10,000 messages while workers and hosts are killed", cargo(&messages))
}
