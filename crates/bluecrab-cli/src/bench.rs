//! `bluecrab bench`: measure functions side by side.

use crate::interrupts;
use crate::output;
use anyhow::{Context, Result, bail};
use bluecrab_bench::report::{Report, html, terminal};
use bluecrab_bench::{Prices, Results, Scenario, changes};
use clap::{Args, value_parser};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What to measure, and where the results go.
#[derive(Args)]
#[command(after_help = EXAMPLE, after_long_help = LONG_HELP)]
pub struct BenchArgs {
    /// The scenario; without it, the flagship app of a checkout in which `cargo xtask build` has run
    #[arg(value_name = "SCENARIO.toml")]
    scenario: Option<PathBuf>,
    /// Replace one of the scenario's apps
    #[arg(long, value_name = "NAME=FOLDER-OR-URL")]
    app: Vec<String>,
    /// Number of rounds, instead of the scenario's
    #[arg(long, value_name = "NUMBER", value_parser = value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// Number of cores that host and worker share, instead of the scenario's; needs Linux
    #[arg(long, value_name = "NUMBER", value_parser = value_parser!(u32).range(1..))]
    cores: Option<u32>,
    /// Measure two short rounds without verdicts, to see whether the scenario works
    #[arg(long)]
    quick: bool,
    /// Write all results to a file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a report with plots to a file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// A price list of Azure Functions, instead of the list in this program
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// Measure nothing: report on a file that --json wrote
    #[arg(long, value_name = "FILE", conflicts_with_all = MEASURING)]
    results: Option<PathBuf>,
    /// Measure nothing: compare two files that --json wrote; exits with 1 past the threshold
    #[arg(long, num_args = 2, value_names = ["BEFORE", "AFTER"])]
    #[arg(conflicts_with_all = MEASURING.iter().chain(&["html", "prices", "results"]))]
    compare: Option<Vec<PathBuf>>,
    /// How many percent a figure may get worse
    #[arg(long, value_name = "PERCENT", default_value_t = 10.0, requires = "compare")]
    threshold: f64,
}

/// The arguments that say what to measure.
const MEASURING: [&str; 6] = ["scenario", "app", "rounds", "cores", "quick", "json"];

const EXAMPLE: &str = "Example:\n    bluecrab bench shop.toml --html report.html";

const LONG_HELP: &str = "\
A scenario names the apps, the functions to compare, and the payloads with which they are called:

    rounds = 10
    [apps]
    shop = \"./dist\"            # a folder with host.json, or the URL of an app that runs
    [[functions]]
    name = \"total-js\"          # called as POST /api/total-js
    baseline = true
    [[functions]]
    name = \"total-rust\"
    [[payloads]]
    file = \"cart.json\"

    bluecrab bench shop.toml --html report.html

It exits with 1 if an app does not start, a call fails, or answers differ. docs/benchmarking.md
describes every field of a scenario and the method.";

/// The flagship's scenario in a checkout of Bluecrab.
const FLAGSHIP: &str = "scenarios/matrix.toml";

/// The width of a report that no terminal shows, and the greatest width.
const WIDTH: u16 = 100;
/// Tables become hard to read below this width.
const LEAST_WIDTH: u16 = 60;

/// Returns the width of the report.
fn width() -> u16 {
    let terminal = terminal_size::terminal_size_of(std::io::stdout());
    terminal.map_or(WIDTH, |(columns, _)| columns.0.clamp(LEAST_WIDTH, WIDTH))
}

/// Measures, prints, and writes files.
pub fn run(arguments: &BenchArgs) -> Result<ExitCode> {
    if let Some([before, after]) = arguments.compare.as_deref() {
        let changes = changes(&Results::read(before)?, &Results::read(after)?, arguments.threshold / 100.0)?;
        say!("{}", changes.text);
        return Ok(if changes.worse { ExitCode::FAILURE } else { ExitCode::SUCCESS });
    }
    for file in arguments.json.iter().chain(&arguments.html) {
        output::check(file)?;
    }
    let prices = arguments.prices.as_deref().map_or_else(|| Ok(Prices::default()), Prices::read)?;
    let results = match &arguments.results {
        Some(file) => Results::read(file)?,
        None => measure(arguments)?,
    };
    let report = Report::new(&results, &prices);
    say!("{}", terminal::text(&report, width()));
    if let Some(file) = &arguments.json {
        results.write(file)?;
    }
    if let Some(file) = &arguments.html {
        std::fs::write(file, html::page(&report)).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(arguments: &BenchArgs) -> Result<Results> {
    let mut scenario = match &arguments.scenario {
        Some(file) => Scenario::read(file)?,
        None if !Path::new(FLAGSHIP).is_file() => bail!(
            "name a scenario, such as `bluecrab bench shop.toml`; --help shows one. Without a scenario, the command \
             measures the flagship app, and must run in a checkout of Bluecrab"
        ),
        None => Scenario::read(Path::new(FLAGSHIP))?,
    };
    for app in &arguments.app {
        scenario.replace_app(app)?;
    }
    if arguments.quick {
        scenario.quicken();
    }
    if let Some(rounds) = arguments.rounds {
        scenario.rounds = usize::try_from(rounds)?;
    }
    if let Some(cores) = arguments.cores {
        scenario.cores = Some(usize::try_from(cores)?);
    }
    tell!("{}", scenario.plan());
    let bluecrab = std::env::current_exe().context("cannot find this program's own file")?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the threads of the load")?;
    let progress = ProgressBar::no_length().with_style(ProgressStyle::with_template("{wide_bar} {eta}\n{msg}")?);
    bluecrab_bench::prepare_programs(interrupts::adopt);
    let results = runtime.block_on(async {
        tokio::select! {
            results = bluecrab_bench::run(&scenario, &bluecrab, &progress) => results,
            () = interrupts::received() => bail!("interrupted"),
        }
    });
    progress.finish_and_clear();
    results
}
