//! The cells of a payload: those in which calls do not wait for one another, and those of the most callers.

use crate::histogram::Latencies;
use crate::results::{Cell, Results};
use crate::scenario::Load;
use crate::statistics::Verdict;
use crate::summary::per_round;

/// One payload's cells, each list with the baseline first.
pub struct Payload<'a> {
    /// Under the load with the fewest callers.
    pub single: &'a [Cell],
    /// Under the load with the most callers, where there is another one.
    pub busy: Option<&'a [Cell]>,
}

/// Of each payload, in the order in which they were measured.
pub fn payloads(results: &Results) -> Vec<Payload<'_>> {
    let mut names: Vec<&str> = Vec::new();
    for cell in &results.cells {
        if !names.contains(&cell.payload.as_str()) {
            names.push(&cell.payload);
        }
    }
    names.into_iter().filter_map(|name| payload(results, name)).collect()
}

fn payload<'a>(results: &'a Results, name: &str) -> Option<Payload<'a>> {
    let groups: Vec<&[Cell]> = results.groups().into_iter().filter(|group| group[0].payload == name).collect();
    let callers = |group: &&&[Cell]| match group[0].load {
        Load::Closed(callers) => callers,
        Load::Open(_) => 0,
    };
    let single = groups.iter().min_by_key(callers)?;
    let busy = groups.iter().max_by_key(callers).filter(|busy| callers(busy) > callers(&single).max(1));
    Some(Payload { single, busy: busy.copied() })
}

/// How long one takes against another, by the medians of the rounds.
pub fn latency(one: &Cell, two: &Cell) -> Option<Verdict> {
    Some(Verdict::of(&per_round(one, Latencies::median)?, &per_round(two, Latencies::median)?))
}

/// The time that passes for each call, of one against another: the inverse of the calls a second.
pub fn time_a_call(one: &Cell, two: &Cell) -> Verdict {
    let times = |cell: &Cell| -> Vec<f64> {
        cell.rounds.iter().map(|round| round.seconds / round.latencies.calls() as f64).collect()
    };
    Verdict::of(&times(one), &times(two))
}
