//! What a run measured, as it goes into the JSON file.

use crate::histogram::Latencies;
use crate::machine::Machine;
use crate::scenario::Load;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The version of the file's format.
const FORMAT: u32 = 2;

/// A run's results.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Results {
    format: u32,
    /// The scenario's title.
    pub title: String,
    /// The scenario's text.
    pub scenario: String,
    pub(crate) machine: Machine,
    /// The functions; the baseline is the first.
    pub(crate) functions: Vec<FunctionResult>,
    pub(crate) cells: Vec<Cell>,
    /// Whether each round had workers of its own.
    #[serde(default)]
    pub(crate) fresh_workers: bool,
}

/// A function and the worker it had.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FunctionResult {
    pub name: String,
    /// The worker's resident memory before the first call, in bytes.
    pub memory_at_start: Option<u64>,
    /// From the start of the host's process to the last byte of the first answer, in seconds, of each start.
    pub cold_starts: Vec<f64>,
    /// The neighbour in this function's worker while nothing else is called, whose latencies the rounds have here; absent
    /// without a neighbour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub neighbour_alone: Option<Sifted>,
}

/// What was measured again and again.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Sifted {
    /// The rounds of which the figures are made.
    pub rounds: Vec<Round>,
    /// Those that other programs disturbed, and which were measured again.
    pub left_out: Vec<Round>,
}

/// A function with one payload under one load.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cell {
    pub function: String,
    pub payload: String,
    pub size: Option<f64>,
    pub load: Load,
    pub bytes_in: usize,
    pub bytes_out: usize,
    /// The rounds of which the figures are made, in the order in which they were measured.
    pub rounds: Vec<Round>,
    /// Those that other programs disturbed, and which were measured again.
    #[serde(default)]
    pub left_out: Vec<Round>,
    /// Where the server's time goes, in the order of its `Server-Timing`; empty where it sends none.
    pub stages: Vec<Stage>,
}

/// A part of the server's time, over the calls that were asked for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stage {
    /// Its metric's name, such as `queue` or `parse`.
    pub name: String,
    pub durations: Latencies,
}

/// One round of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Round {
    /// Which round of the run it was, from 0; unknown in older files.
    #[serde(default)]
    pub number: Option<usize>,
    /// The share of all processors that other programs took meanwhile; absent where it cannot be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others_share: Option<f64>,
    /// Whether they took too much of them while any of the functions was measured in this round.
    #[serde(default)]
    pub disturbed: bool,
    /// How long it took.
    pub seconds: f64,
    /// Pairs of nanoseconds and how often they were counted.
    pub latencies: Latencies,
    /// The worker's processor time during the round.
    pub cpu_seconds: Option<f64>,
    /// The worker's resident memory in bytes: the most of it, and after the round.
    pub memory_peak: Option<u64>,
    pub memory_after: Option<u64>,
    /// The mean of all points; unknown in older files.
    #[serde(default)]
    pub memory_mean: Option<f64>,
    /// What it was in between: pairs of seconds since the run began, and bytes.
    pub memory: Vec<(f64, u64)>,
    /// The latencies of the neighbour.
    pub neighbour: Option<Latencies>,
}

impl Results {
    pub(crate) fn new(title: String, scenario: String, machine: Machine, functions: Vec<FunctionResult>) -> Self {
        Self { format: FORMAT, title, scenario, machine, functions, cells: Vec::new(), fresh_workers: false }
    }

    /// Reads a file that [`Results::write`] wrote.
    ///
    /// # Errors
    /// Where it cannot be read, or is none of ours.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let results: Self = serde_json::from_str(&text)
            .with_context(|| format!("{} is no result of `bluecrab bench --json`", file.display()))?;
        if results.format != FORMAT {
            bail!("{} has format {}, this version reads {FORMAT}: measure again", file.display(), results.format);
        }
        Ok(results)
    }

    /// Writes the results to a file.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&self, file: &Path) -> Result<()> {
        let text = serde_json::to_string(self)?;
        std::fs::write(file, text + "\n").with_context(|| format!("cannot write {}", file.display()))
    }

    /// The cells of one payload under one load, the baseline first; as they were measured.
    pub(crate) fn groups(&self) -> Vec<&[Cell]> {
        self.cells.chunk_by(|one, two| one.payload == two.payload && one.load == two.load).collect()
    }
}
