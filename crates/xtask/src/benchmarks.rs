//! `cargo xtask bench`: builds all that is compared, measures it, and writes the reports and `docs/benchmarks.md`.

mod peers;
mod plan;

use crate::command::root;
use crate::{build, jobs, setup};
use anyhow::{Context, Result, bail};
use bluecrab_compare::markdown::{self, Bench, Measured, Reasons};
use bluecrab_compare::{Results, html};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use plan::{Entry, Plan};
use std::fs;
use std::path::{Path, PathBuf};

/// What to measure, and for how long.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask bench --only jobs --quick")]
pub struct Options {
    /// Only these parts, with commas between; docs/benchmarks.md is left as it is, the page goes beside the reports
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    only: Vec<Part>,
    /// Shorter rounds, to see that all works: the figures are rough, and docs/benchmarks.md is left as it is
    #[arg(long)]
    quick: bool,
    /// Minutes that measuring may take, shared by all scenarios; building, calls that outlast their round, and rounds that
    /// are measured again come on top
    #[arg(long, default_value_t = 10.0, conflicts_with = "quick")]
    minutes: f64,
    /// Measure nothing: write the pages again from the results in a folder
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["quick", "minutes"])]
    from: Option<PathBuf>,
}

/// A group of scenarios.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// scenarios/matrix.toml
    Matrix,
    /// scenarios/peers.toml
    Peers,
    /// scenarios/jobs/*.toml
    Jobs,
}

const QUICK_MINUTES: f64 = 3.0;
const FOLDER: &str = "bench";
const QUICK_FOLDER: &str = "bench-quick";
const PAGE: &str = "docs/benchmarks.md";
const REASONS: &str = "bench/reasons.toml";

/// Builds, measures, writes.
pub fn run(options: &Options) -> Result<()> {
    let wanted = |part| options.only.is_empty() || options.only.contains(&part);
    let folder = match &options.from {
        Some(folder) => folder.clone(),
        None => build::target_folder()?.join(if options.quick { QUICK_FOLDER } else { FOLDER }),
    };
    let entries: Vec<Entry> = plan::entries()?.into_iter().filter(|entry| wanted(entry.part)).collect();
    if options.from.is_none() {
        let minutes = if options.quick { QUICK_MINUTES } else { options.minutes };
        measure(&entries, minutes, options.quick, &folder)?;
    }
    let lacking = lacking(&entries, &folder, !options.only.is_empty());
    write(&entries, &folder, &lacking)
}

/// Why the page is not the repository's; nothing where the run is whole.
fn lacking(entries: &[Entry], folder: &Path, only_some: bool) -> Vec<String> {
    let mut lacking: Vec<String> = Vec::new();
    if only_some {
        lacking.push("it was made with --only".to_owned());
    }
    if folder.file_name().is_some_and(|name| name == QUICK_FOLDER) {
        lacking.push("it was measured with --quick".to_owned());
    }
    let missing = entries.iter().filter(|entry| !entry.results(folder).is_file());
    lacking.extend(missing.map(|entry| format!("{} has no results", entry.name)));
    lacking
}

fn measure(entries: &[Entry], minutes: f64, quick: bool, folder: &Path) -> Result<()> {
    setup::run()?;
    let bluecrab = build(entries)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the threads of the load")?;
    let style = ProgressStyle::with_template("{wide_bar} {eta}\n{msg}")?;
    for (entry, scenario) in Plan::within(minutes, quick, entries.to_vec())?.scenarios {
        println!("── Measure {}, {:.2} s a function and load in each round", entry.name, scenario.time.as_secs_f64());
        let progress = ProgressBar::no_length().with_style(style.clone());
        let results = runtime.block_on(bluecrab_compare::run(&scenario, &bluecrab, &progress));
        progress.finish_and_clear();
        let results = results.with_context(|| format!("{} cannot be measured", entry.scenario.display()))?;
        let file = entry.results(folder);
        fs::create_dir_all(file.parent().unwrap_or(folder))
            .with_context(|| format!("cannot create {}", file.display()))?;
        results.write(&file)?;
    }
    Ok(())
}

/// Builds what the scenarios name; gives the command whose verb `dev` is the host.
fn build(entries: &[Entry]) -> Result<PathBuf> {
    let built = build::run()?;
    if entries.iter().any(|entry| entry.part == Part::Peers) {
        peers::build(&build::target_folder()?)?;
    }
    if entries.iter().any(|entry| entry.part == Part::Jobs) {
        jobs::build()?;
    }
    Ok(built.bluecrab)
}

/// Writes a report for each scenario that has results, an index of them, and the page, which is the repository's where
/// nothing is lacking.
fn write(entries: &[Entry], folder: &Path, lacking: &[String]) -> Result<()> {
    let mut bench = Bench { reasons: Reasons::read(&root().join(REASONS))?, ..Bench::default() };
    let mut reports = Vec::new();
    for entry in entries.iter().filter(|entry| entry.results(folder).is_file()) {
        let results = Results::read(&entry.results(folder))?;
        let report = entry.results(folder).with_extension("html");
        put(&report, &html::page(&results, &bench.prices))?;
        reports.push((results.title.clone(), format!("{}.html", entry.name), html::answer(&results)));
        let measured = Measured { name: entry.name.clone(), results, ours: entry.ours.clone() };
        match entry.part {
            Part::Matrix => bench.flagship = Some(measured),
            Part::Peers => bench.peers = Some(measured),
            Part::Jobs => bench.jobs.push(measured),
        }
    }
    if reports.is_empty() {
        bail!("there are no results in {}: run `cargo xtask bench` without --from first", folder.display());
    }
    put(&folder.join("index.html"), &html::index("Benchmarks", &reports))?;
    let page = if lacking.is_empty() { root().join(PAGE) } else { folder.join("benchmarks.md") };
    put(&page, &markdown::page(&bench))?;
    println!("── The reports are in {}, the page is {}", folder.join("index.html").display(), page.display());
    if !lacking.is_empty() {
        println!("   {PAGE} is left as it is, for the run is not whole: {}", lacking.join("; "));
    }
    explain(&markdown::unexplained(&bench));
    Ok(())
}

/// Says what the page calls not explained.
fn explain(unexplained: &[String]) {
    if !unexplained.is_empty() {
        println!("   {REASONS} does not say why Bluecrab is not faster here; measure it, and write down the reason:");
        unexplained.iter().for_each(|case| println!("   - {case}"));
    }
}

fn put(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_run_is_the_repositorys_page() {
        let entries = plan::entries().unwrap();
        let folder = std::env::temp_dir().join(format!("bench-of-{}", std::process::id()));
        for entry in &entries {
            let file = entry.results(&folder);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "{}").unwrap();
        }
        assert_eq!(lacking(&entries, &folder, false), [""; 0]);
        assert_eq!(lacking(&entries, &folder, true), ["it was made with --only"]);
        fs::remove_file(folder.join("jobs/csv.json")).unwrap();
        assert_eq!(lacking(&entries, &folder, false), ["jobs/csv has no results"]);
        fs::remove_dir_all(&folder).unwrap();
        assert!(lacking(&entries, &folder.join(QUICK_FOLDER), false)[0].contains("--quick"));
    }
}
