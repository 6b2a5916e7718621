//! The neighbour: how long it takes alone, and what each load adds.

use crate::histogram::Latencies;
use crate::results::Results;
use crate::summary::Group;
use crate::terminal::milliseconds;

/// The slowest hundredth of its calls.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tail {
    /// How often it was called.
    pub calls: u64,
    /// The 99th percentile in seconds, where it was called often enough for one.
    pub p99: Option<f64>,
}

impl Tail {
    /// Of all rounds.
    pub fn of<'a>(rounds: impl Iterator<Item = &'a Latencies>) -> Self {
        let mut all = Latencies::default();
        rounds.for_each(|latencies| all.add(latencies));
        Self { calls: all.calls(), p99: all.percentile(0.99) }
    }

    /// In a function's worker that has no load.
    pub fn alone(results: &Results, function: &str) -> Self {
        let function = results.functions.iter().find(|one| one.name == function);
        let rounds = function.and_then(|function| function.neighbour_alone.as_ref()).map(|alone| &alone.rounds[..]);
        Self::of(rounds.unwrap_or_default().iter().map(|round| &round.latencies))
    }

    /// In milliseconds.
    pub fn text(self) -> String {
        let few = if self.calls == 0 { "?" } else { "-" };
        self.p99.map_or(few.to_owned(), milliseconds)
    }
}

/// A head, and a row of each payload and function: alone, then beside each load. No rows where nothing is known.
pub fn table(groups: &[Group]) -> (Vec<String>, Vec<Vec<String>>) {
    let (mut loads, mut payloads): (Vec<String>, Vec<&str>) = (Vec::new(), Vec::new());
    for group in groups {
        let load = group.load.to_string();
        if !loads.contains(&load) {
            loads.push(load);
        }
        if !payloads.contains(&group.payload.as_str()) {
            payloads.push(&group.payload);
        }
    }
    let mut rows = Vec::new();
    for payload in payloads {
        let same: Vec<&Group> = groups.iter().filter(|group| group.payload == payload).collect();
        for (index, function) in same[0].functions.iter().enumerate() {
            let beside = |load: &String| {
                let group = same.iter().find(|group| group.load.to_string() == *load);
                group.map_or_else(String::new, |group| group.functions[index].neighbour.text())
            };
            let names = [payload.to_owned(), function.function.clone(), function.neighbour_alone.text()];
            rows.push(names.into_iter().chain(loads.iter().map(beside)).collect());
        }
    }
    let called = |group: &Group| group.functions.iter().any(|function| function.neighbour.calls > 0);
    if !groups.iter().any(called) {
        rows.clear();
    }
    (["payload", "function", "alone"].into_iter().map(str::to_owned).chain(loads).collect(), rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{self, cell, latencies, round};
    use crate::results::Sifted;
    use crate::scenario::Load;
    use crate::summary::groups;

    #[test]
    fn a_p99_needs_calls_as_any_other() {
        let few = [latencies(&[500; 60]), latencies(&[500; 39])];
        assert_eq!(Tail::of(few.iter()), Tail { calls: 99, p99: None });
        let enough = [latencies(&[500; 60]), latencies(&[500; 40])];
        assert!(Tail::of(enough.iter()).p99.is_some());
        assert_eq!([Tail::of(few.iter()), Tail::default()].map(Tail::text), ["-", "?"]);
    }

    #[test]
    fn alone_stands_beside_each_load() {
        let beside = |function: &str, payload: &str, load: Load, micros: u64| {
            let mut cell = cell(function, payload, 1);
            cell.load = load;
            cell.rounds.iter_mut().for_each(|round| round.neighbour = Some(latencies(&vec![micros; 100])));
            cell
        };
        let mut cells = Vec::new();
        for (payload, factor) in [("p", 1), ("q", 2)] {
            for (load, micros) in [(Load::Closed(1), 1_000), (Load::Closed(8), 4_000)] {
                cells.extend(["base", "other"].map(|name| beside(name, payload, load, factor * micros)));
            }
        }
        let mut results = fixture::results(cells);
        let rounds = vec![round(&vec![500; 60]), round(&vec![500; 60])];
        // What was left out counts for nothing.
        results.functions[1].neighbour_alone = Some(Sifted { rounds, left_out: vec![round(&vec![9_000; 60])] });
        let (head, rows) = table(&groups(&results));
        assert_eq!(head, ["payload", "function", "alone", "one at a time", "8 at once"]);
        assert_eq!(rows[0], ["p", "base", "?", "1.00", "4.00"]);
        assert_eq!(rows[1], ["p", "other", "0.50", "1.00", "4.00"]);
        assert_eq!(rows[3], ["q", "other", "0.50", "2.00", "8.00"]);
        assert!(table(&groups(&fixture::results(vec![cell("base", "p", 1)]))).1.is_empty());
    }
}
