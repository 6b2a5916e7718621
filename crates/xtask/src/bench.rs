//! Measuring: `cargo xtask bench`.

use crate::codegen::{self, RESULTS};
use crate::command::{program, root, step};
use crate::{build, guests, node, setup};
use anyhow::{Context, Result};
use bluecrab_bench::report::{Report, html};
use bluecrab_bench::{Prices, Results};
use clap::{Args, ValueEnum};
use std::fs;
use std::path::{Path, PathBuf};

/// What to measure.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask bench --only matrix,jobs --quick")]
pub struct BenchArgs {
    /// Only these, with commas between
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    only: Vec<Part>,
    /// Prove in short rounds that everything works; README and docs stay as they are
    #[arg(long)]
    quick: bool,
    /// The version of Node.js, from npm's package `node`, or `installed`
    #[arg(long, value_name = "VERSION", default_value = "24", value_parser = node::version_or_installed)]
    node: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The flagship: Math.js and Rust
    Matrix,
    /// The flagship beside its peers
    Peers,
    /// The suite of jobs
    Jobs,
    /// The pool of worker threads
    Pool,
    /// The functions in one process, without host and HTTP
    Kernel,
    /// The functions in other languages
    Guests,
}

impl Part {
    /// Its scenarios by name, below `scenarios`.
    fn scenarios(self) -> Vec<String> {
        match self {
            Self::Jobs => build::JOB_SCENARIOS.map(|job| format!("jobs/{job}")).into(),
            Self::Kernel => Vec::new(),
            Self::Pool => ["pool", "echo"].map(str::to_owned).into(),
            _ => self.to_possible_value().iter().map(|value| value.get_name().to_owned()).collect(),
        }
    }
}

/// Builds, measures, writes reports to the target folder, and unless it is quick, the figures of README and docs.
pub fn run(arguments: &BenchArgs) -> Result<()> {
    setup::run()?;
    if arguments.node != node::INSTALLED {
        node::put_first(&arguments.node)?;
    }
    let all = Part::value_variants();
    let parts = if arguments.only.is_empty() { all } else { &arguments.only[..] };
    let built = build::run()?;
    let folder = build::target_folder()?.join(if arguments.quick { "bench-quick" } else { "bench" });
    let mut names = Vec::new();
    for part in parts {
        prepare(*part, &built)?;
        if *part == Part::Kernel {
            kernel(&built, &folder, arguments.quick)?;
            names.push("kernel".to_owned());
        }
        for name in part.scenarios() {
            measure(&built, &folder, &name, arguments.quick)?;
            names.push(name);
        }
    }
    write_index(&folder, &names)?;
    if arguments.quick {
        return Ok(());
    }
    for name in &names {
        let file = place(&root().join(RESULTS), name, "json")?;
        Results::read(&place(&folder, name, "json")?)?.condensed().write(&file)?;
    }
    codegen::write()
}

/// Builds what only this part needs.
fn prepare(part: Part, built: &build::Built) -> Result<()> {
    match part {
        Part::Matrix => Ok(()),
        Part::Peers | Part::Kernel => build::peers(),
        Part::Jobs => build::jobs(),
        Part::Pool => build::echo(),
        Part::Guests => guests::build(built).map(drop),
    }
}

/// A file of a scenario, whose folder exists.
fn place(folder: &Path, name: &str, extension: &str) -> Result<PathBuf> {
    let file = folder.join(name).with_extension(extension);
    let parent = file.parent().unwrap_or(folder);
    fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    Ok(file)
}

fn measure(built: &build::Built, folder: &Path, name: &str, quick: bool) -> Result<()> {
    let bluecrab = built.bluecrab.to_string_lossy();
    let mut bench = program(&bluecrab, &["bench"]);
    bench.arg(root().join("scenarios").join(name).with_extension("toml"));
    bench.arg("--json").arg(place(folder, name, "json")?).arg("--html").arg(place(folder, name, "html")?);
    // The app of the guests finds its modules by this variable.
    bench.env("GUESTS_FOLDER", build::target_folder()?.join("guests/modules")).args(quick.then_some("--quick"));
    step(&format!("Measure {name}"), bench)
}

/// The script writes results, which `bluecrab bench` reports.
fn kernel(built: &build::Built, folder: &Path, quick: bool) -> Result<()> {
    let results = place(folder, "kernel", "json")?;
    let mut measure = program("node", &["bench/kernel/main.mjs", "--json"]);
    measure.arg(&results).args(quick.then_some("--quick"));
    step("Measure the functions without a host", measure)?;
    let mut report = program(&built.bluecrab.to_string_lossy(), &["bench", "--results"]);
    report.arg(&results).arg("--html").arg(place(folder, "kernel", "html")?);
    step("Report on them", report)
}

fn write_index(folder: &Path, names: &[String]) -> Result<()> {
    let prices = Prices::default();
    let report = |name: &String| {
        let results = Results::read(&place(folder, name, "json")?)?;
        let answer = Report::new(&results, &prices).answer();
        Ok((results.title.clone(), format!("{name}.html"), answer))
    };
    let reports = names.iter().map(report).collect::<Result<Vec<_>>>()?;
    let index = folder.join("index.html");
    fs::write(&index, html::index("Benchmarks", &reports))
        .with_context(|| format!("cannot write {}", index.display()))?;
    println!("── The reports are in {}", index.display());
    Ok(())
}
