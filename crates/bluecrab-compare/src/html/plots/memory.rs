//! Resident memory: at the start, at most, at the end, and over time.

use super::super::svg::{Axis, Bar, Series, lines};
use super::{Figure, colour, figure_of, key};
use crate::results::{Cell, Results};
use crate::statistics::digits;
use crate::summary::{Group, Summary};
use std::collections::BTreeMap;

/// The worker's memory: before the first call, the most of all rounds, and after the last one.
pub fn memory(groups: &[Group], start: &[Option<u64>]) -> Option<Figure> {
    let functions = groups.first().map_or(&[][..], |group| &group.functions[..]);
    let all = |index: usize| groups.iter().filter_map(move |group| group.functions.get(index));
    let peak = |index: usize| all(index).filter_map(|function| function.memory_peak).max();
    let last = |index: usize| all(index).filter_map(|function| function.memory_after).next_back();
    let longest = (0..functions.len()).filter_map(peak).max().unwrap_or(1) as f64;
    let bar = |index: usize, bytes: Option<u64>, name: &str| {
        let text = format!("{} MB", digits(bytes? as f64 / 1e6));
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

/// As many points as a line can show.
const POINTS: usize = 240;

/// The memory of every function's worker over the run.
pub fn over_time(results: &Results) -> Vec<Figure> {
    let of = |name: &str| {
        let cells = results.cells.iter().filter(|cell| cell.function == name);
        let rounds = cells.flat_map(|cell| &cell.rounds);
        let mut samples: Vec<(f64, u64)> = rounds.flat_map(|round| round.memory.iter().copied()).collect();
        samples.sort_by(|one, two| one.0.total_cmp(&two.0));
        samples
    };
    let names: Vec<&str> = results.functions.iter().map(|function| function.name.as_str()).collect();
    let lines_of: Vec<Vec<(f64, u64)>> = names.iter().map(|name| of(name)).collect();
    if lines_of.iter().all(Vec::is_empty) {
        return Vec::new();
    }
    let samples = || lines_of.iter().flatten();
    let x = Axis::linear("seconds since the run began", samples().map(|(at, _)| *at).fold(0.0, f64::max));
    let y = Axis::linear("MB", samples().map(|(_, bytes)| *bytes as f64 / 1e6).fold(0.0, f64::max));
    let line = |(index, samples): (usize, &Vec<(f64, u64)>)| {
        let points = thin(samples).into_iter().map(|(at, bytes)| (at, bytes as f64 / 1e6)).collect();
        Series { colour: colour(index), points, dots: false }
    };
    let series: Vec<Series> = lines_of.iter().enumerate().map(line).collect();
    let marks: Vec<(f64, String)> = begins(&results.cells).into_iter().map(|at| (at, String::new())).collect();
    let mut payloads: Vec<&str> = results.cells.iter().map(|cell| cell.payload.as_str()).collect();
    payloads.dedup();
    let words =
        vec![format!("Each faint line begins a round, in which payloads have their turn: {}.", payloads.join(", "))];
    let description = names.iter().zip(&lines_of).filter_map(|(name, samples)| {
        let (first, last) = (samples.first()?.1, samples.last()?.1);
        let most = samples.iter().map(|(_, bytes)| *bytes).max()?;
        let [first, most, last] = [first, most, last].map(|bytes| digits(bytes as f64 / 1e6));
        Some(format!("{name}: {first} MB first, {most} MB at most, {last} MB last."))
    });
    let description = description.collect::<Vec<_>>().join(" ");
    let svg = lines(("Resident memory over time", &description), &x, &y, &series, &marks);
    vec![Figure { heading: "Resident memory over time".to_owned(), key: key(names.into_iter()), svg, words }]
}

/// When each round began, by its first sample.
fn begins(cells: &[Cell]) -> Vec<f64> {
    let mut first: BTreeMap<usize, f64> = BTreeMap::new();
    for (place, round) in cells.iter().flat_map(|cell| cell.rounds.iter().chain(&cell.left_out).enumerate()) {
        let Some((at, _)) = round.memory.first() else { continue };
        // Older files do not number their rounds, and lack none.
        let begin = first.entry(round.number.unwrap_or(place)).or_insert(*at);
        *begin = begin.min(*at);
    }
    first.into_values().collect()
}

/// Of many samples the greatest and the last of each stretch, so that no peak is lost.
fn thin(samples: &[(f64, u64)]) -> Vec<(f64, u64)> {
    let stretch = samples.len().div_ceil(POINTS).max(1);
    let mut points = Vec::new();
    for some in samples.chunks(stretch) {
        let most = some.iter().copied().max_by_key(|(_, bytes)| *bytes);
        points.extend(most);
        points.extend(some.last().copied().filter(|last| Some(*last) != most));
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_peaks_and_the_end() {
        let samples: Vec<(f64, u64)> =
            (0..10_000).map(|at| (f64::from(at), if at == 5001 { 900 } else { 100 })).collect();
        let points = thin(&samples);
        assert!(points.len() <= 2 * POINTS && points.contains(&(5001.0, 900)), "{}", points.len());
        assert_eq!(points.last(), samples.last());
        assert!(points.is_sorted_by(|one, two| one.0 < two.0));
        assert_eq!(thin(&samples[..3]), samples[..3]);
    }
}
