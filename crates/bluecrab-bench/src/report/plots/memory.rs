//! Resident memory: at the start, at most, and at the end.

use super::super::svg::Bar;
use super::figure::{Figure, colour, figure_of};
use crate::analysis::summary::{Group, Summary};
use crate::results::units::megabytes;

/// The worker's memory: before the first call, the most of all rounds, and after the last one.
pub fn memory(groups: &[Group], start: &[Option<u64>]) -> Option<Figure> {
    let functions = groups.first().map_or(&[][..], |group| &group.functions[..]);
    let all = |index: usize| groups.iter().filter_map(move |group| group.functions.get(index));
    let peak = |index: usize| all(index).filter_map(|function| function.memory_peak).max();
    let last = |index: usize| all(index).filter_map(|function| function.memory_after).next_back();
    let longest = (0..functions.len()).filter_map(peak).max().unwrap_or(1) as f64;
    let bar = |index: usize, bytes: Option<u64>, name: &str| {
        let text = format!("{} MB", megabytes(bytes?));
        Some(Bar { colour: colour(index), share: bytes? as f64 / longest, name: name.to_owned(), text })
    };
    let of = |(index, function): (usize, &Summary)| {
        let before = bar(index, start.get(index).copied().flatten(), "at the start");
        let bars: Vec<Bar> = [before, bar(index, peak(index), "at most"), bar(index, last(index), "at the end")]
            .into_iter()
            .flatten()
            .collect();
        (!bars.is_empty()).then(|| (function.function.clone(), bars))
    };
    let bars_of: Vec<(String, Vec<Bar>)> = functions.iter().enumerate().filter_map(of).collect();
    figure_of(
        "Resident memory of the worker",
        &bars_of,
        "Each function has a worker of its own, with the whole app in it.",
    )
}
