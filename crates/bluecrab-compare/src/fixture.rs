//! Results for tests.

use crate::histogram::Latencies;
use crate::machine::Machine;
use crate::results::{Cell, FunctionResult, Results, Round};
use crate::scenario::Load;
use std::time::Duration;

/// Latencies of these microseconds.
pub fn latencies(micros: &[u64]) -> Latencies {
    let mut latencies = Latencies::default();
    micros.iter().for_each(|micros| latencies.record(Duration::from_micros(*micros)));
    latencies
}

/// A round of which only the latencies are known, in microseconds.
pub fn round(micros: &[u64]) -> Round {
    Round {
        number: None,
        others_share: None,
        disturbed: false,
        seconds: 1.0,
        latencies: latencies(micros),
        cpu_seconds: None,
        memory_peak: None,
        memory_after: None,
        memory_mean: None,
        memory: Vec::new(),
        neighbour: None,
    }
}

/// Eight rounds of one caller, one call a round.
pub fn cell(function: &str, payload: &str, micros: u64) -> Cell {
    Cell {
        function: function.to_owned(),
        payload: payload.to_owned(),
        size: None,
        load: Load::Closed(1),
        bytes_in: 0,
        bytes_out: 0,
        rounds: vec![round(&[micros]); 8],
        left_out: Vec::new(),
        stages: Vec::new(),
    }
}

/// Results of the functions `base` and `other`.
pub fn results(cells: Vec<Cell>) -> Results {
    let functions = ["base", "other"].map(|name| FunctionResult {
        name: name.to_owned(),
        memory_at_start: None,
        cold_starts: Vec::new(),
        neighbour_alone: None,
    });
    let mut results = Results::new("title".to_owned(), "scenario".to_owned(), Machine::default(), functions.into());
    results.cells = cells;
    results
}
