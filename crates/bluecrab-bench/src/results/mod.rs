//! The results of a run, as they are written to a JSON file.

mod latencies;
pub mod units;

pub use latencies::Latencies;

use crate::scenario::Load;
use crate::system::Machine;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The version of the file's format.
const FORMAT: u32 = 3;

/// The results of a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Results {
    format: u32,
    /// The scenario's title.
    pub title: String,
    /// A note that is published below the tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    /// The scenario's text.
    pub scenario: String,
    pub(crate) machine: Machine,
    /// The functions; the first is the baseline.
    pub(crate) functions: Vec<FunctionResult>,
    pub(crate) measurements: Vec<Measurement>,
    /// Whether each round had new workers.
    #[serde(default)]
    pub(crate) fresh_workers: bool,
    /// Whether the functions were called without host and HTTP. Such times say nothing about a bill.
    #[serde(default)]
    pub(crate) in_process: bool,
    /// How many cores host and worker had; without a number, all of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cores: Option<usize>,
}

/// A function and its worker.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct FunctionResult {
    pub name: String,
    /// Whether published tables compare the other functions with this one.
    #[serde(default)]
    pub subject: bool,
    /// The size of the file that contains the function, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The worker's resident memory before the first call, in bytes.
    #[serde(default)]
    pub memory_at_start: Option<u64>,
    /// The seconds of each start, from the start of the host's process to the last byte of the first answer.
    #[serde(default)]
    pub cold_starts: Vec<f64>,
    /// The probe in this function's worker without any load.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probe_alone: Vec<Round>,
}

/// A function with one payload under one load.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Measurement {
    pub function: String,
    pub payload: String,
    #[serde(default)]
    pub size: Option<f64>,
    pub load: Load,
    pub bytes_in: usize,
    pub bytes_out: usize,
    /// The rounds in their order.
    pub rounds: Vec<Round>,
    /// Where the server's time goes, in the order of `Server-Timing`; empty if the server does not send it.
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// How many warm-ups ended before the median had settled.
    #[serde(default)]
    pub unsettled: usize,
}

/// A part of the server's time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stage {
    /// The metric's name, such as `queue` or `compute.parse`.
    pub name: String,
    pub durations: Latencies,
}

/// One round of a measurement.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Round {
    /// The share of all processors that other programs took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background_load: Option<f64>,
    /// How long the round took, in seconds.
    pub seconds: f64,
    pub latencies: Latencies,
    /// The worker's processor time.
    #[serde(default)]
    pub cpu_seconds: Option<f64>,
    /// The host's processor time, and its resident memory after the round in bytes.
    #[serde(default)]
    pub host_cpu_seconds: Option<f64>,
    #[serde(default)]
    pub host_memory: Option<u64>,
    /// The worker's resident memory in bytes: the most, after the round, and on average.
    #[serde(default)]
    pub memory_peak: Option<u64>,
    #[serde(default)]
    pub memory_after: Option<u64>,
    #[serde(default)]
    pub memory_mean: Option<f64>,
    /// The latencies of the probe during the load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Latencies>,
}

impl Results {
    pub(crate) fn new(title: String, scenario: String, machine: Machine, functions: Vec<FunctionResult>) -> Self {
        Self { format: FORMAT, title, scenario, machine, functions, ..Self::default() }
    }

    /// Reads a file that [`Results::write`] wrote.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or is not a result of this version.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let format = serde_json::from_str(&text).ok().and_then(|json: serde_json::Value| json["format"].as_u64());
        if let Some(format) = format.filter(|format| *format != u64::from(FORMAT)) {
            bail!("{} has format {format}, this version reads {FORMAT}: measure again", file.display());
        }
        serde_json::from_str(&text)
            .with_context(|| format!("{} is not a result of `bluecrab bench --json`", file.display()))
    }

    /// Writes the results to a file.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn write(&self, file: &Path) -> Result<()> {
        let text = serde_json::to_string(self)?;
        std::fs::write(file, text + "\n").with_context(|| format!("cannot write {}", file.display()))
    }

    /// Returns the results in a tenth of the bytes, for a repository. Each round keeps only the percentiles that
    /// reports use, so its median and its 99th percentile stay the same.
    #[must_use]
    pub fn condensed(mut self) -> Self {
        let alone = self.functions.iter_mut().flat_map(|function| &mut function.probe_alone);
        for round in self.measurements.iter_mut().flat_map(|one| &mut one.rounds).chain(alone) {
            round.latencies = round.latencies.condensed();
            round.probe = round.probe.as_ref().map(Latencies::condensed);
        }
        for stage in self.measurements.iter_mut().flat_map(|one| &mut one.stages) {
            stage.durations = stage.durations.condensed();
        }
        self
    }

    /// Adds the size of the file that contains a function, in bytes.
    pub fn set_size(&mut self, function: &str, size: u64) {
        self.functions.iter_mut().filter(|one| one.name == function).for_each(|one| one.size = Some(size));
    }

    /// A file name for results of this processor and this version of Node.js.
    pub fn machine_name(&self) -> String {
        let Machine { processor, cores, node, .. } = &self.machine;
        let name = format!(
            "{} {} cores node {}",
            processor.as_deref().unwrap_or("unknown processor"),
            cores.unwrap_or_default(),
            node.as_deref().and_then(|version| version.split('.').next()).unwrap_or("unknown")
        );
        let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("-").to_lowercase()
    }

    /// Says which cores client, host and worker used. Returns `None` if that is unknown.
    pub(crate) fn sharing(&self) -> Option<String> {
        let all = self.machine.cores?;
        let ours = !self.in_process && self.functions.iter().all(|function| function.memory_at_start.is_some());
        let cores = |number: usize| if number == 1 { "one core".to_owned() } else { format!("{number} cores") };
        ours.then(|| match self.cores {
            Some(some) => format!("Host and worker share {} of {all}; the client may use all.", cores(some)),
            None => format!("Client, host and worker share {}.", cores(all)),
        })
    }

    /// The measurements of each payload under each load, the baseline's first.
    pub(crate) fn groups(&self) -> Vec<&[Measurement]> {
        self.measurements.chunk_by(|one, two| one.payload == two.payload && one.load == two.load).collect()
    }
}

/// Results for tests.
#[cfg(test)]
pub(crate) mod fixture {
    use super::*;
    use std::time::Duration;

    /// Latencies of these microseconds.
    pub fn latencies(micros: &[u64]) -> Latencies {
        let mut latencies = Latencies::default();
        micros.iter().for_each(|micros| latencies.record(Duration::from_micros(*micros)));
        latencies
    }

    /// A round with latencies only.
    pub fn round(micros: &[u64]) -> Round {
        Round { seconds: 1.0, latencies: latencies(micros), ..Round::default() }
    }

    /// Eight rounds of one caller, ten calls each.
    pub fn measurement(function: &str, payload: &str, micros: u64) -> Measurement {
        Measurement {
            function: function.to_owned(),
            payload: payload.to_owned(),
            size: None,
            load: Load::Closed(1),
            bytes_in: 0,
            bytes_out: 0,
            rounds: vec![round(&[micros; 10]); 8],
            stages: Vec::new(),
            unsettled: 0,
        }
    }

    /// Results of the functions `base` and `other`.
    pub fn results(measurements: Vec<Measurement>) -> Results {
        let functions =
            ["base", "other"].map(|name| FunctionResult { name: name.to_owned(), ..FunctionResult::default() });
        let mut results = Results::new("title".to_owned(), "scenario".to_owned(), Machine::default(), functions.into());
        results.measurements = measurements;
        results
    }

    /// Results of a sweep: each size with the microseconds of both functions.
    pub fn sweep(times: &[(f64, u64, u64)]) -> Results {
        let of = |size: f64, name: &str, micros: u64| Measurement {
            size: Some(size),
            ..measurement(name, &format!("p{size}"), micros)
        };
        let both = |&(size, base, other): &(f64, u64, u64)| [of(size, "base", base), of(size, "other", other)];
        results(times.iter().flat_map(both).collect())
    }
}
