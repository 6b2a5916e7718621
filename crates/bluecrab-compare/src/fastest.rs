//! Which function is fastest with which payload, in one sentence.

use crate::markdown::payloads::{latency, payloads};
use crate::results::{Cell, Results};
use crate::statistics::{Verdict, digits};

/// Payloads with the same functions in front.
struct Fastest {
    payloads: Vec<String>,
    /// The one with the least median, and those that are not distinguishable from it.
    functions: Vec<String>,
    all: bool,
    /// To whom they are compared, and how many times as fast they are.
    against: String,
    ratios: Vec<f64>,
}

/// Who answers first where calls do not wait for one another; empty where there are too few rounds to say it.
pub fn sentence(results: &Results) -> String {
    if results.functions.len() < 2 {
        return String::new();
    }
    let payloads = payloads(results);
    let mut places: Vec<Fastest> = Vec::new();
    for payload in &payloads {
        let Some(place) = fastest(payload.single) else { return String::new() };
        match places.iter_mut().find(|other| other.functions == place.functions) {
            Some(same) => {
                same.payloads.extend(place.payloads);
                same.ratios.extend(place.ratios);
            }
            None => places.push(place),
        }
    }
    let Some(first) = payloads.first() else { return String::new() };
    let load = first.single[0].load.to_string();
    let every = places.len() == 1;
    let places: Vec<String> = places.iter().map(|place| words(place, every)).collect();
    format!("Called {load}, {}.", places.join("; "))
}

fn fastest(cells: &[Cell]) -> Option<Fastest> {
    let medians: Vec<f64> = cells.iter().map(median).collect::<Option<_>>()?;
    let best = (0..cells.len()).min_by(|one, two| medians[*one].total_cmp(&medians[*two]))?;
    // The baseline is what others are compared with, here as in all tables.
    let slower = |index: usize| {
        let verdict =
            if index == 0 { latency(&cells[best], &cells[0])? } else { latency(&cells[index], &cells[best])? };
        match verdict {
            Verdict::TooFewRounds => None,
            Verdict::Less(_) => Some(index == 0),
            Verdict::More(_) => Some(index > 0),
            Verdict::NotDistinguishable(_) => Some(false),
        }
    };
    let slower: Vec<bool> = (0..cells.len()).map(slower).collect::<Option<_>>()?;
    let front: Vec<usize> = (0..cells.len()).filter(|index| !slower[*index]).collect();
    let (against, compared): (&str, Vec<usize>) = match &front[..] {
        [0] if cells.len() == 2 => (&cells[1].function, vec![1]),
        [0] => ("the others", (1..cells.len()).collect()),
        [0, ..] => ("", Vec::new()),
        front => (&cells[0].function, front.to_vec()),
    };
    let ratios = compared.iter().filter_map(|index| match latency(&cells[*index], &cells[0])? {
        Verdict::Less(ratio) => Some(ratio.inverse().median),
        Verdict::More(ratio) => Some(ratio.median),
        _ => None,
    });
    let (against, ratios) = (against.to_owned(), ratios.collect());
    let functions: Vec<String> = front.iter().map(|index| cells[*index].function.clone()).collect();
    let all = functions.len() == cells.len();
    Some(Fastest { payloads: vec![cells[0].payload.clone()], functions, all, against, ratios })
}

fn median(cell: &Cell) -> Option<f64> {
    crate::summary::Summary::of(cell, None).p50
}

fn words(place: &Fastest, every: bool) -> String {
    let payloads = if every && place.payloads.len() > 1 { "every payload".to_owned() } else { listed(&place.payloads) };
    let functions = listed(&place.functions);
    if place.all {
        return format!("with {payloads} {functions} are not distinguishable");
    }
    let verb = if place.functions.len() > 1 { "are fastest alike" } else { "is fastest" };
    if place.ratios.is_empty() {
        return format!("with {payloads} {functions} {verb}");
    }
    let [least, most] = [
        place.ratios.iter().copied().fold(f64::INFINITY, f64::min),
        place.ratios.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    ]
    .map(digits);
    let range = if least == most { format!("{least}x") } else { format!("{least}x to {most}x") };
    format!("with {payloads} {functions} {verb}, {range} faster than {}", place.against)
}

/// As a list in a sentence.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{cell, results};

    fn said(times: &[(&str, u64, u64)]) -> String {
        let cells = times
            .iter()
            .flat_map(|&(payload, base, other)| [cell("base", payload, base), cell("other", payload, other)]);
        sentence(&results(cells.collect()))
    }

    #[test]
    fn the_fastest_are_named_with_what_they_gain() {
        assert_eq!(
            said(&[("a", 2_000, 1_000), ("b", 8_000, 2_000)]),
            "Called one at a time, with every payload other is fastest, 2.00x to 4.00x faster than base."
        );
        assert_eq!(
            said(&[("a", 1_000, 2_000), ("b", 1_000, 1_000), ("c", 9_000, 3_000)]),
            "Called one at a time, with a base is fastest, 2.00x faster than other; with b base and other are not \
             distinguishable; with c other is fastest, 3.00x faster than base."
        );
    }

    #[test]
    fn too_few_rounds_say_nothing() {
        let mut cells = [cell("base", "a", 2_000), cell("other", "a", 1_000)];
        cells.iter_mut().for_each(|cell| cell.rounds.truncate(3));
        assert_eq!(sentence(&results(cells.into())), "");
    }
}
