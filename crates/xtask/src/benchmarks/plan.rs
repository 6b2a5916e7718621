//! Which scenarios there are, and how long each is measured.

use super::Part;
use crate::command::root;
use anyhow::{Context, Result};
use bluecrab_compare::Scenario;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A scenario of the repository.
#[derive(Clone)]
pub struct Entry {
    pub part: Part,
    /// By which its files and its reasons are called, such as `jobs/csv`.
    pub name: String,
    pub scenario: PathBuf,
    /// Its functions that are Bluecrab's; none for all but the baseline.
    pub ours: Vec<String>,
}

impl Entry {
    /// Where its results go.
    pub fn results(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.json", self.name))
    }
}

/// Bluecrab's functions of the flagship, the one that is compared with all others first.
const FLAGSHIP: [&str; 2] = ["multiply-rust", "multiply-ndarray"];

/// All scenarios, in the order of the page.
pub fn entries() -> Result<Vec<Entry>> {
    let folder = root().join("scenarios");
    let flagship = |part, name: &str| Entry {
        part,
        name: name.to_owned(),
        scenario: folder.join(name).with_extension("toml"),
        ours: FLAGSHIP.map(str::to_owned).into(),
    };
    let mut entries = vec![flagship(Part::Matrix, "matrix"), flagship(Part::Peers, "peers")];
    for name in jobs(&folder.join("jobs"))? {
        let scenario = folder.join("jobs").join(&name).with_extension("toml");
        // Beside pako and flate2 they have Node.js's own zlib.
        let ours = if name.ends_with("zip") { vec!["flate2".to_owned()] } else { Vec::new() };
        entries.push(Entry { part: Part::Jobs, name: format!("jobs/{name}"), scenario, ours });
    }
    Ok(entries)
}

/// The names of the scenarios of a folder; none where there is no such folder.
fn jobs(folder: &Path) -> Result<Vec<String>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for file in folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))? {
        let file = file?.path();
        if file.extension().is_some_and(|extension| extension == "toml") {
            names.extend(file.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Scenarios that take no longer than planned, but for calls that outlast their round.
pub struct Plan {
    pub scenarios: Vec<(Entry, Scenario)>,
}

impl Plan {
    /// Every round becomes shorter by the same share where all together would take longer; none is left out, as verdicts
    /// need them. A quick one starts each app only once.
    pub fn within(minutes: f64, quick: bool, entries: Vec<Entry>) -> Result<Self> {
        let mut scenarios = Vec::new();
        for entry in entries {
            let mut scenario = Scenario::read(&entry.scenario)?;
            if quick {
                scenario.cold_starts = scenario.cold_starts.min(1);
            }
            scenarios.push((entry, scenario));
        }
        let sum = |of: fn(&Scenario) -> f64| scenarios.iter().map(|(_, scenario)| of(scenario)).sum::<f64>();
        // A warm-up becomes shorter by the root of the share only: starts + warm_ups root + measured root^2 = time.
        let (left, warm_ups, measured) = (minutes * 60.0 - sum(starts), sum(warm_ups), sum(measured));
        let root = ((warm_ups * warm_ups + 4.0 * measured * left.max(0.0)).sqrt() - warm_ups) / (2.0 * measured);
        let root = root.min(1.0);
        for (_, scenario) in &mut scenarios {
            scenario.time = shorter(scenario.time, root * root);
            scenario.warm_up = shorter(scenario.warm_up, root);
        }
        Ok(Self { scenarios })
    }
}

/// The seconds from the start of a host to its end, with what stands before the first call.
const START: f64 = 1.0;
/// The seconds in which the servers of a scenario come to rest.
const SETTLE: f64 = 2.0;

/// How long the starts take: the cold ones, those of the rounds, and those of the stages.
fn starts(scenario: &Scenario) -> f64 {
    (scenario.functions.len() * (scenario.cold_starts + 1 + scenario.warm_ups())) as f64 * START + SETTLE
}

/// How long is called before it is measured: once for the rounds, once for the stages.
fn warm_ups(scenario: &Scenario) -> f64 {
    scenario.warm_up.as_secs_f64()
        * ((1 + scenario.warm_ups()) * scenario.functions.len() * scenario.payloads.len()) as f64
}

/// How long the rounds and the stages take, where no round is disturbed and measured again.
fn measured(scenario: &Scenario) -> f64 {
    let (functions, rounds) = (scenario.functions.len(), scenario.rounds);
    let pairs = functions * scenario.payloads.len();
    let neighbours_alone = if scenario.neighbour.is_some() { functions * rounds } else { 0 };
    scenario.time.as_secs_f64() * (pairs * (scenario.loads.len() * rounds + 1) + neighbours_alone) as f64
}

/// The least that gives some calls of a small payload.
const SHORTEST: Duration = Duration::from_millis(20);

fn shorter(time: Duration, share: f64) -> Duration {
    time.mul_f64(share).max(SHORTEST.min(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_fits_into_the_time_and_keeps_its_rounds() {
        // Those of the jobs have payloads that are built first.
        let entries: Vec<Entry> = entries().unwrap().into_iter().filter(|entry| entry.part != Part::Jobs).collect();
        let rounds = |plan: &Plan| plan.scenarios.iter().map(|(_, scenario)| scenario.rounds).collect::<Vec<_>>();
        let whole = Plan::within(1e6, false, entries.clone()).unwrap();
        let short = Plan::within(6.0, false, entries.clone()).unwrap();
        let quick = Plan::within(3.0, true, entries).unwrap();
        assert_eq!(rounds(&whole), rounds(&short));
        assert!(rounds(&short).iter().all(|rounds| *rounds >= 8), "a verdict needs 8 rounds");
        let total = |plan: &Plan| {
            let seconds = |scenario: &Scenario| starts(scenario) + warm_ups(scenario) + measured(scenario);
            plan.scenarios.iter().map(|(_, scenario)| seconds(scenario)).sum::<f64>()
        };
        assert!(total(&whole) > 600.0, "{}", total(&whole));
        assert!((total(&short) - 360.0).abs() < 1.0, "{}", total(&short));
        assert!((total(&quick) - 180.0).abs() < 1.0, "{}", total(&quick));
    }

    #[test]
    fn the_jobs_of_gzip_have_one_function_of_ours() {
        let entries = entries().unwrap();
        let ours = |name: &str| entries.iter().find(|entry| entry.name == name).unwrap().ours.clone();
        assert_eq!([ours("jobs/gzip"), ours("jobs/gunzip")], [["flate2"], ["flate2"]]);
        assert!(ours("jobs/csv").is_empty());
    }
}
