//! The table of a scenario: payload by function, and that of its functions' processes.

use super::Measured;
use super::payloads::{Payload, latency, payloads, time_a_call};
use super::text::{self, code};
use crate::neighbour::Tail;
use crate::results::{Cell, FunctionResult, Results};
use crate::statistics::{Verdict, digits, median};
use crate::summary::{Summary, group};
use crate::terminal::milliseconds;

fn head(first: &Payload<'_>, hero: Option<&str>) -> Vec<String> {
    let (single, baseline) = (first.single[0].load, code(&first.single[0].function));
    let mut head = vec!["payload".to_owned(), "function".to_owned()];
    head.extend([format!("p50, {single}"), "p99".to_owned(), format!("against {baseline}")]);
    if let Some(hero) = hero {
        head.push(format!("{} against it", code(hero)));
    }
    if let Some(busy) = first.busy {
        head.extend([format!("calls/s, {}", busy[0].load), format!("against {baseline}")]);
    }
    let busiest = first.busy.unwrap_or(first.single)[0].load;
    head.extend([
        "CPU s/1000".to_owned(),
        "peak MB".to_owned(),
        format!("neighbour p99, {busiest}"),
        "alone".to_owned(),
    ]);
    head
}

/// Latency, throughput, processor time and memory of each function with each payload.
pub fn table(measured: &Measured) -> String {
    let payloads = payloads(&measured.results);
    let Some(first) = payloads.first() else { return String::new() };
    // With two functions it would say the same as the column before.
    let hero = measured.ours.first().map(String::as_str).filter(|_| first.single.len() > 2);
    let mut rows: Vec<Vec<String>> = payloads.iter().flat_map(|payload| rows(measured, payload, hero)).collect();
    let mut head = head(first, hero);
    // The neighbour and what it is alone are last, and only where they are known.
    for _ in 0..2 {
        if rows.iter().all(|row| row.last().is_none_or(|cell| *cell == unknown())) {
            head.pop();
            rows.iter_mut().for_each(|row| drop(row.pop()));
        }
    }
    text::table(&head, 2, &rows)
}

fn rows(measured: &Measured, payload: &Payload<'_>, hero: Option<&str>) -> Vec<Vec<String>> {
    let (Some(single), busy) = (group(payload.single), payload.busy.and_then(group)) else { return Vec::new() };
    let hero_cell = payload.single.iter().find(|cell| hero == Some(&cell.function));
    let row = |(index, function): (usize, &Summary)| {
        let busy_function = busy.as_ref().and_then(|group| group.functions.get(index));
        let mut row = vec![if index == 0 { single.payload.clone() } else { String::new() }, code(&function.function)];
        row.extend([time(function.p50), time(function.p99), words(function.median, "faster", "slower")]);
        if hero.is_some() {
            let other = &payload.single[index];
            let verdict =
                hero_cell.filter(|hero| hero.function != other.function).and_then(|hero| latency(hero, other));
            row.push(words(verdict, "faster", "slower"));
        }
        if let Some((cells, function)) = payload.busy.zip(busy_function) {
            row.extend([digits(function.rate), words(rate(cells, index), "more", "fewer")]);
        }
        let peaks = std::iter::once(function).chain(busy_function).filter_map(|summary| summary.memory_peak);
        row.push(function.cpu.map_or_else(unknown, digits));
        row.push(peaks.max().map_or_else(unknown, |bytes| digits(bytes as f64 / 1e6)));
        let neighbours =
            [busy_function.unwrap_or(function).neighbour, Tail::alone(&measured.results, &function.function)];
        row.extend(neighbours.map(Tail::text));
        row
    };
    single.functions.iter().enumerate().map(row).collect()
}

/// The calls a second against the baseline's; nothing for the baseline.
pub fn rate(cells: &[Cell], index: usize) -> Option<Verdict> {
    (index > 0).then(|| time_a_call(&cells[index], &cells[0]))
}

/// What is said of each function's worker: its memory before the first call, and its starts.
pub const PROCESS: [&str; 6] =
    ["function", "MB before a call", "cold start", "from fastest to slowest", "starts", "against the first"];

/// Each function's worker: its start, and its memory before the first call.
pub fn processes(results: &Results) -> String {
    if results.functions.iter().all(|one| one.cold_starts.is_empty() && one.memory_at_start.is_none()) {
        return String::new();
    }
    let mut rows = process_rows(results);
    let columns = if results.functions.iter().any(|one| !one.cold_starts.is_empty()) { PROCESS.len() } else { 2 };
    rows.iter_mut().for_each(|row| row.truncate(columns));
    text::table(&PROCESS[..columns].iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), 1, &rows)
}

/// A row of each function, with the columns of [`PROCESS`].
pub fn process_rows(results: &Results) -> Vec<Vec<String>> {
    let baseline = results.functions.first().map_or(&[][..], |function| &function.cold_starts);
    let row = |(index, function): (usize, &FunctionResult)| {
        let mut starts = function.cold_starts.clone();
        starts.sort_unstable_by(f64::total_cmp);
        let range = starts.first().zip(starts.last());
        let middle = (!starts.is_empty()).then(|| median(&starts));
        let comparable = index > 0 && !starts.is_empty() && starts.len() == baseline.len();
        let verdict = comparable.then(|| Verdict::of(&function.cold_starts, baseline));
        vec![
            code(&function.name),
            function.memory_at_start.map_or_else(unknown, |bytes| digits(bytes as f64 / 1e6)),
            middle.map_or_else(unknown, milliseconds),
            range.map_or_else(unknown, |(low, high)| format!("{} to {}", milliseconds(*low), milliseconds(*high))),
            starts.len().to_string(),
            words(verdict, "faster", "slower"),
        ]
    };
    results.functions.iter().enumerate().map(row).collect()
}

/// Milliseconds.
pub fn time(seconds: Option<f64>) -> String {
    seconds.map_or("-".to_owned(), milliseconds)
}

/// A verdict, where there is one.
pub fn words(verdict: Option<Verdict>, less: &str, more: &str) -> String {
    verdict.map_or(String::new(), |verdict| verdict.words(less, more))
}

fn unknown() -> String {
    "?".to_owned()
}
