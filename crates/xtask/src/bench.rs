//! Measuring: `cargo xtask bench`.

use crate::codegen::{self, RESULTS};
use crate::command::{program, root, step};
use crate::{build, guests, node, setup};
use anyhow::{Context, Result};
use bluecrab_bench::report::{Report, html};
use bluecrab_bench::{Prices, Results, Scenario};
use clap::{Args, ValueEnum};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What to measure.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask bench --only matrix,jobs --quick")]
pub struct BenchArgs {
    /// Measure only these parts, separated by commas
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    only: Vec<Part>,
    /// Measure in short rounds, to see whether everything works; README and docs do not change
    #[arg(long)]
    quick: bool,
    /// The version of Node.js, from npm's package `node`; `installed` takes the installed one
    #[arg(long, value_name = "VERSION", default_value = "24", value_parser = node::version_or_installed)]
    node: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Compare Math.js and Rust
    Matrix,
    /// Compare Math.js and Rust at 2x2 and 300x300, with Node.js 22 and 24
    Flagship,
    /// Compare the flagship app with its peers
    Peers,
    /// Compare the seven jobs in JavaScript and in Rust
    Jobs,
    /// Compare Math.js and Rust, the peers and the jobs with host and worker on one core
    OneCore,
    /// Measure what the pool of worker threads costs
    Pool,
    /// Measure the functions in one process, without host and HTTP
    Kernel,
    /// Measure the functions in other languages
    Guests,
    /// Measure the picture app, in JavaScript and in Rust, with a queue full of pictures
    Queue,
}

/// The second version of Node.js with which the flagship is measured.
const OLDER_NODE: &str = "22";

/// A script that measures and writes results itself.
struct Script {
    name: &'static str,
    file: &'static str,
    /// About how long it takes.
    time: Duration,
}

/// Measures 8 rounds of 9 functions with 3 payloads, each in a process that starts and warms up.
const KERNEL: Script =
    Script { name: "kernel", file: "bench/kernel/main.mjs", time: Duration::from_secs(9 * 8 * 3 * 5 / 4) };
/// Measures 8 rounds of 2 functions with 2 loads, after 25 messages for which it waits 6 s each.
const QUEUE: Script =
    Script { name: "queue", file: "bench/queue/main.mjs", time: Duration::from_secs(8 * 2 * 2 * 10 + 25 * 6) };

/// A scenario, and the version of Node.js with which it is measured.
struct Job {
    /// Its place below the folder of reports, without the extension.
    name: String,
    scenario: PathBuf,
    node: String,
    /// How many cores host and worker share, if not those of the scenario.
    cores: Option<usize>,
}

impl Part {
    /// Returns what `bluecrab bench` measures for this part.
    fn jobs(self, node: &str) -> Vec<Job> {
        let job = |name: &str, scenario: &str, node: &str| Job {
            name: name.to_owned(),
            scenario: root().join("scenarios").join(scenario).with_extension("toml"),
            node: node.to_owned(),
            cores: None,
        };
        let same = |names: &[&str]| names.iter().map(|name| job(name, name, node)).collect();
        match self {
            Self::Matrix => same(&["matrix"]),
            Self::Flagship => {
                let mut versions = vec![OLDER_NODE, node];
                versions.dedup();
                let named = |node: &str| format!("flagship/node-{}", node.replace('.', "-"));
                versions.into_iter().map(|node| job(&named(node), "flagship", node)).collect()
            }
            Self::Peers => same(&["peers"]),
            Self::Jobs => {
                let names = build::JOB_SCENARIOS.map(|name| format!("jobs/{name}"));
                names.iter().map(|name| job(name, name, node)).collect()
            }
            Self::OneCore => {
                let flagship = job("one-core/flagship", "one-core", node);
                let others = [Self::Peers, Self::Jobs].into_iter().flat_map(|part| part.jobs(node));
                let on_one = |job: Job| Job { name: format!("one-core/{}", job.name), cores: Some(1), ..job };
                std::iter::once(flagship).chain(others.map(on_one)).collect()
            }
            Self::Pool => same(&["pool", "mix", "echo"]),
            Self::Kernel | Self::Queue => Vec::new(),
            Self::Guests => same(&["guests", "programs"]),
        }
    }

    fn script(self) -> Option<&'static Script> {
        match self {
            Self::Kernel => Some(&KERNEL),
            Self::Queue => Some(&QUEUE),
            _ => None,
        }
    }
}

/// Builds, measures, and writes reports to the target folder. Without `--quick`, also writes the figures of README and
/// docs.
pub fn run(arguments: &BenchArgs) -> Result<()> {
    setup::run()?;
    node::put_first(&arguments.node)?;
    let all = Part::value_variants();
    let parts = if arguments.only.is_empty() { all } else { &arguments.only[..] };
    let built = build::run()?;
    let folder = build::target_folder()?.join(if arguments.quick { "bench-quick" } else { "bench" });
    parts.iter().try_for_each(|part| prepare(*part, &built))?;
    let jobs: Vec<Job> = parts.iter().flat_map(|part| part.jobs(&arguments.node)).collect();
    let scripts: Vec<&Script> = parts.iter().filter_map(|part| part.script()).collect();
    print_estimate(&jobs, &scripts, arguments.quick)?;
    for job in &jobs {
        node::put_first(&job.node)?;
        measure(&built, &folder, job, arguments.quick)?;
    }
    let mut names: Vec<String> = jobs.into_iter().map(|job| job.name).collect();
    for script in scripts {
        node::put_first(&arguments.node)?;
        run_script(script, &built, &folder, arguments.quick)?;
        names.push(script.name.to_owned());
    }
    write_index(&folder, &names)?;
    if arguments.quick { Ok(()) } else { publish(&folder, &names) }
}

/// Prints about how long the measurements take.
fn print_estimate(jobs: &[Job], scripts: &[&Script], quick: bool) -> Result<()> {
    let mut time: Duration = scripts.iter().map(|script| script.time).sum();
    for job in jobs {
        let mut scenario = Scenario::read(&job.scenario)?;
        if quick {
            scenario.quicken();
        }
        time += scenario.estimate();
    }
    println!("── Measuring takes about {} min", time.as_secs().div_ceil(60));
    Ok(())
}

/// Copies results into the repository, and writes the figures of README and docs. The flagship's results of every
/// machine stay, so that the page can show how far machines differ.
fn publish(folder: &Path, names: &[String]) -> Result<()> {
    for name in names {
        let results = Results::read(&place(folder, name, "json")?)?;
        let name = match name.split_once('/') {
            Some(("flagship", _)) => format!("flagship/{}", results.machine_name()),
            _ => name.clone(),
        };
        results.condensed().write(&place(&root().join(RESULTS), &name, "json")?)?;
    }
    codegen::write()
}

/// Builds what only this part needs.
fn prepare(part: Part, built: &build::Built) -> Result<()> {
    match part {
        Part::Matrix | Part::Flagship => Ok(()),
        Part::Peers | Part::Kernel => build::peers(),
        Part::Jobs => build::jobs(),
        Part::OneCore => build::peers().and_then(|()| build::jobs()),
        Part::Pool => build::echo(),
        Part::Guests => guests::build(built).map(drop),
        Part::Queue => setup::install_azurite().and_then(|()| build::pictures()),
    }
}

/// Returns the path of a scenario's file, and creates its folder.
fn place(folder: &Path, name: &str, extension: &str) -> Result<PathBuf> {
    let file = folder.join(name).with_extension(extension);
    let parent = file.parent().unwrap_or(folder);
    fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    Ok(file)
}

fn measure(built: &build::Built, folder: &Path, job: &Job, quick: bool) -> Result<()> {
    let bluecrab = built.bluecrab.to_string_lossy();
    let mut bench = program(&bluecrab, &["bench"]);
    bench.arg(&job.scenario);
    bench.arg("--json").arg(place(folder, &job.name, "json")?).arg("--html").arg(place(folder, &job.name, "html")?);
    // The apps of the guests find their modules and programs by these variables.
    let guests = guests::folder()?;
    bench.env("GUESTS_FOLDER", guests.join("modules")).env("PROGRAMS_FOLDER", guests.join("programs"));
    bench.args(quick.then_some("--quick")).args(job.cores.map(|cores| format!("--cores={cores}")));
    step(&format!("Measure {}", job.name), bench)?;
    if job.name == "programs" { guests::add_sizes(&place(folder, &job.name, "json")?, &job.scenario) } else { Ok(()) }
}

/// The script writes results, which `bluecrab bench` reports.
fn run_script(script: &Script, built: &build::Built, folder: &Path, quick: bool) -> Result<()> {
    let results = place(folder, script.name, "json")?;
    let mut measure = program("node", &[script.file, "--json"]);
    measure.arg(&results).args(quick.then_some("--quick")).env("BLUECRAB", &built.bluecrab);
    step(&format!("Measure {}", script.name), measure)?;
    let mut report = program(&built.bluecrab.to_string_lossy(), &["bench", "--results"]);
    report.arg(&results).arg("--html").arg(place(folder, script.name, "html")?);
    step("Report on it", report)
}

fn write_index(folder: &Path, names: &[String]) -> Result<()> {
    let prices = Prices::default();
    let report = |name: &String| {
        let results = Results::read(&place(folder, name, "json")?)?;
        let answer = Report::new(&results, &prices).answer();
        let cores = if name.starts_with("one-core/") { " (one core)" } else { "" };
        Ok((format!("{}{cores}", results.title), format!("{name}.html"), answer))
    };
    let reports = names.iter().map(report).collect::<Result<Vec<_>>>()?;
    let index = folder.join("index.html");
    fs::write(&index, html::index("Benchmarks", &reports))
        .with_context(|| format!("cannot write {}", index.display()))?;
    println!("── The reports are in {}", index.display());
    Ok(())
}
