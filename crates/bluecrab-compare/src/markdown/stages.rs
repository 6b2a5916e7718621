//! Where the server's time goes, for the functions that say so.

use super::Measured;
use super::figures::time;
use super::payloads::payloads;
use super::text::{code, table};
use crate::results::{Cell, Stage};

/// The table of all scenarios; empty where no function says it.
pub fn section(all: &[&Measured]) -> String {
    let rows: Vec<Vec<String>> = all.iter().flat_map(|measured| rows(measured)).collect();
    let head = ["scenario", "payload", "function", "median of each stage"].map(str::to_owned);
    if rows.is_empty() { String::new() } else { table(&head, head.len(), &rows) }
}

/// A row for each function that says it with each payload, of calls that do not wait for one another.
fn rows(measured: &Measured) -> Vec<Vec<String>> {
    let payloads = payloads(&measured.results);
    let cells = payloads.iter().flat_map(|payload| payload.single).filter(|cell| !cell.stages.is_empty());
    let row = |(index, cell): (usize, &Cell)| {
        let whole = cell.stages.iter().filter(|stage| !is_part(cell, stage));
        let stages: Vec<String> = whole.map(|stage| with_parts(cell, stage)).collect();
        let name = if index == 0 { measured.name.clone() } else { String::new() };
        vec![name, cell.payload.clone(), code(&cell.function), stages.join(", ")]
    };
    cells.enumerate().map(row).collect()
}

/// Whether its name says that it is a part of another, as `compute.parse` of `compute`.
fn is_part(cell: &Cell, stage: &Stage) -> bool {
    stage.name.rsplit_once('.').is_some_and(|(whole, _)| cell.stages.iter().any(|other| other.name == whole))
}

fn with_parts(cell: &Cell, stage: &Stage) -> String {
    let start = format!("{}.", stage.name);
    let parts = cell.stages.iter().filter_map(|part| Some((part.name.strip_prefix(&start)?, part)));
    let parts: Vec<String> = parts.map(|(name, part)| format!("{name} {}", time(part.durations.median()))).collect();
    let parts = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
    format!("{} {}{parts}", stage.name, time(stage.durations.median()))
}
