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
        entries.push(Entry { part: Part::Jobs, name: format!("jobs/{name}"), scenario, ours: Vec::new() });
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

/// Scenarios whose rounds take no longer than planned, but for calls that outlast them.
pub struct Plan {
    pub scenarios: Vec<(Entry, Scenario)>,
}

impl Plan {
    /// Every round becomes shorter by the same share where all together would take longer; none is left out, as verdicts
    /// need them.
    pub fn within(minutes: f64, entries: Vec<Entry>) -> Result<Self> {
        let mut scenarios = Vec::new();
        for entry in entries {
            let scenario = Scenario::read(&entry.scenario)?;
            scenarios.push((entry, scenario));
        }
        let planned: f64 = scenarios.iter().map(|(_, scenario)| seconds(scenario)).sum();
        let share = (minutes * 60.0 / planned).min(1.0);
        for (_, scenario) in &mut scenarios {
            scenario.time = shorter(scenario.time, share);
            scenario.warm_up = shorter(scenario.warm_up, share.sqrt());
        }
        Ok(Self { scenarios })
    }
}

/// How long a scenario's rounds take.
fn seconds(scenario: &Scenario) -> f64 {
    let cells = scenario.functions.len() * scenario.payloads.len() * scenario.loads.len();
    scenario.time.as_secs_f64() * (cells * scenario.rounds) as f64
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
    fn shorter_rounds_are_as_many_and_fit_into_the_time() {
        // Those of the jobs have payloads that are built first.
        let entries: Vec<Entry> = entries().unwrap().into_iter().filter(|entry| entry.part != Part::Jobs).collect();
        let rounds = |plan: &Plan| plan.scenarios.iter().map(|(_, scenario)| scenario.rounds).collect::<Vec<_>>();
        let whole = Plan::within(1e6, entries.clone()).unwrap();
        let short = Plan::within(3.0, entries).unwrap();
        assert_eq!(rounds(&whole), rounds(&short));
        assert!(rounds(&short).iter().all(|rounds| *rounds >= 8), "a verdict needs 8 rounds");
        let total = |plan: &Plan| plan.scenarios.iter().map(|(_, scenario)| seconds(scenario)).sum::<f64>();
        assert!(total(&whole) > 181.0 && (total(&short) - 180.0).abs() < 1.0, "{} {}", total(&whole), total(&short));
    }
}
