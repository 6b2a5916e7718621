//! The results as a table in the terminal.

use crate::crossover::{self, Crossover};
use crate::results::Results;
use crate::statistics::{CONFIDENCE, SMALLEST, digits};
use crate::summary::{Group, Summary, groups};
use comfy_table::{CellAlignment, Table, presets};
use std::fmt::Write;

/// The columns.
pub(crate) const HEAD: [&str; 13] = [
    "",
    "p50",
    "p50 of rounds",
    "p90",
    "p99",
    "p99.9",
    "max",
    "calls",
    "calls/s",
    "CPU s/1000",
    "peak MB",
    "neighbour p99",
    "median against baseline",
];

/// What the signs mean.
pub(crate) const NOTE: &str = "A percentile needs 1/(1-p) calls, else it is `-`; what cannot be measured here is `?`.";

/// A table for each payload and load.
pub fn tables(results: &Results) -> String {
    let mut text = format!("{}\n{}\n", results.title, results.machine.line());
    let groups = groups(results);
    for group in &groups {
        // Writing to a String does not fail.
        let _ = write!(text, "\n{}\n{}\n", heading(group), table(group));
    }
    for (load, sweep) in crossover::sweeps(&groups) {
        for (index, function) in sweep[0].functions.iter().enumerate() {
            if let Some(crossover) = Crossover::of(&sweep, index) {
                let _ = write!(text, "\n{}, {load}: {}.", function.function, crossover.words());
            }
        }
    }
    let (confidence, smallest) = (CONFIDENCE * 100.0, SMALLEST * 100.0);
    let _ = write!(
        text,
        "\n\nTimes are milliseconds. {NOTE}\n\
        A difference is said only where the {confidence:.0} % interval over rounds excludes that there is none, and where \
        it is above {smallest:.0} %."
    );
    text
}

/// What a table is of.
pub(crate) fn heading(group: &Group) -> String {
    let bytes = format!("{} in, {} out", bytes(group.bytes_in as u64), bytes(group.bytes_out as u64));
    format!("{}, {} ({bytes})", group.payload, group.load)
}

fn table(group: &Group) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(HEAD);
    for function in &group.functions {
        table.add_row(row(function));
    }
    for column in 1..HEAD.len() - 1 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A row of it.
pub(crate) fn row(function: &Summary) -> Vec<String> {
    let time = |seconds: Option<f64>| seconds.map_or("-".to_owned(), milliseconds);
    let unknown = || "?".to_owned();
    vec![
        function.function.clone(),
        time(function.p50),
        function
            .spread
            .map_or("-".to_owned(), |spread| format!("{} to {}", milliseconds(spread.low), milliseconds(spread.high))),
        time(function.p90),
        time(function.p99),
        time(function.p999),
        time(function.slowest),
        function.calls.to_string(),
        digits(function.rate),
        function.cpu.map_or_else(unknown, digits),
        function.memory_peak.map_or_else(unknown, |bytes| digits(bytes as f64 / 1e6)),
        function.neighbour.map_or_else(unknown, milliseconds),
        function.median.map_or("baseline".to_owned(), |verdict| verdict.words("faster", "slower")),
    ]
}

/// Seconds as milliseconds, three digits.
pub(crate) fn milliseconds(seconds: f64) -> String {
    digits(seconds * 1e3)
}

/// A number of bytes in the unit that suits it.
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", digits(bytes as f64 / 1e3)),
        _ => format!("{} MB", digits(bytes as f64 / 1e6)),
    }
}
