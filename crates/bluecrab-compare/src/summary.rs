//! From the rounds of a cell to the figures that people read.

use crate::histogram::Latencies;
use crate::neighbour::Tail;
use crate::results::{Cell, Results};
use crate::scenario::Load;
use crate::statistics::{Interval, Verdict};

/// The figures of one function with one payload under one load. Times are in seconds, sizes in bytes.
#[derive(Debug, Clone)]
pub struct Summary {
    pub function: String,
    pub p50: Option<f64>,
    pub p90: Option<f64>,
    pub p99: Option<f64>,
    pub p999: Option<f64>,
    pub slowest: Option<f64>,
    pub calls: u64,
    /// Calls a second.
    pub rate: f64,
    /// Processor time for a thousand calls.
    pub cpu: Option<f64>,
    pub memory_peak: Option<u64>,
    pub memory_after: Option<u64>,
    /// The neighbour's calls beside this load.
    pub neighbour: Tail,
    /// And those without load, in the same worker.
    pub neighbour_alone: Tail,
    /// The medians of the rounds.
    pub spread: Option<Interval>,
    /// Median latencies against the baseline's; nothing for the baseline.
    pub median: Option<Verdict>,
    /// The same of the 99th percentiles, where every round has enough calls for it.
    pub tail: Option<Verdict>,
    /// All latencies.
    pub latencies: Latencies,
}

impl Summary {
    /// Of a cell, against the baseline's of the same payload and load.
    pub fn of(cell: &Cell, baseline: Option<&Cell>) -> Self {
        let mut latencies = Latencies::default();
        cell.rounds.iter().for_each(|round| latencies.add(&round.latencies));
        let calls = latencies.calls();
        let seconds: f64 = cell.rounds.iter().map(|round| round.seconds).sum();
        let cpu: Option<f64> = cell.rounds.iter().map(|round| round.cpu_seconds).sum();
        let medians = per_round(cell, Latencies::median);
        Self {
            function: cell.function.clone(),
            p50: latencies.median(),
            p90: latencies.percentile(0.9),
            p99: latencies.percentile(0.99),
            p999: latencies.percentile(0.999),
            slowest: latencies.slowest(),
            calls,
            rate: calls as f64 / seconds,
            cpu: cpu.map(|cpu| cpu / calls as f64 * 1000.0),
            memory_peak: cell.rounds.iter().filter_map(|round| round.memory_peak).max(),
            memory_after: cell.rounds.last().and_then(|round| round.memory_after),
            neighbour: Tail::of(cell.rounds.iter().filter_map(|round| round.neighbour.as_ref())),
            neighbour_alone: Tail::default(),
            spread: medians.as_deref().and_then(Interval::of),
            median: baseline.map(|baseline| median_verdict(cell, baseline)),
            tail: verdict(cell, baseline, |latencies| latencies.percentile(0.99)),
            latencies,
        }
    }
}

/// A figure of every round; nothing where a round lacks it.
pub fn per_round(cell: &Cell, figure: impl Fn(&Latencies) -> Option<f64>) -> Option<Vec<f64>> {
    cell.rounds.iter().map(|round| figure(&round.latencies)).collect()
}

/// Over the rounds in which both had calls.
fn median_verdict(cell: &Cell, baseline: &Cell) -> Verdict {
    let rounds = cell.rounds.iter().zip(&baseline.rounds);
    let medians = rounds.filter_map(|(one, two)| Some((one.latencies.median()?, two.latencies.median()?)));
    let (one, two): (Vec<f64>, Vec<f64>) = medians.unzip();
    Verdict::of(&one, &two)
}

fn verdict(cell: &Cell, baseline: Option<&Cell>, figure: impl Fn(&Latencies) -> Option<f64>) -> Option<Verdict> {
    Some(Verdict::of(&per_round(cell, &figure)?, &per_round(baseline?, &figure)?))
}

/// One payload under one load, the baseline first.
#[derive(Debug, Clone)]
pub struct Group {
    pub payload: String,
    pub size: Option<f64>,
    pub load: Load,
    pub bytes_in: usize,
    pub bytes_out: usize,
    pub functions: Vec<Summary>,
}

/// The figures of the cells of one payload under one load, the baseline first.
pub fn group(cells: &[Cell]) -> Option<Group> {
    let (baseline, others) = cells.split_first()?;
    let first = std::iter::once(Summary::of(baseline, None));
    Some(Group {
        payload: baseline.payload.clone(),
        size: baseline.size,
        load: baseline.load,
        bytes_in: baseline.bytes_in,
        bytes_out: baseline.bytes_out,
        functions: first.chain(others.iter().map(|cell| Summary::of(cell, Some(baseline)))).collect(),
    })
}

/// All groups in the order in which they were measured.
pub fn groups(results: &Results) -> Vec<Group> {
    let mut groups: Vec<Group> = results.groups().into_iter().filter_map(group).collect();
    for function in groups.iter_mut().flat_map(|group| &mut group.functions) {
        function.neighbour_alone = Tail::alone(results, &function.function);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::cell;

    #[test]
    fn what_is_left_out_is_in_no_figure() {
        let calm = [cell("base", "p", 100), cell("other", "p", 50)];
        let mut cells = calm.clone();
        for (cell, micros) in cells.iter_mut().zip([1, 9_000]) {
            cell.left_out = vec![crate::fixture::round(&[micros; 50]); 8];
        }
        let figures = |cells: &[Cell]| format!("{:?}", group(cells).unwrap());
        assert_eq!(figures(&cells), figures(&calm));
    }

    #[test]
    fn a_round_without_calls_is_no_round() {
        let mut cells = [cell("base", "p", 100), cell("other", "p", 50)];
        let faster = |cells: &[Cell]| group(cells).unwrap().functions[1].median;
        cells[0].rounds.push(cells[0].rounds[0].clone());
        cells[1].rounds.push(cells[1].rounds[0].clone());
        cells[1].rounds[3].latencies = Latencies::default();
        assert!(matches!(faster(&cells), Some(Verdict::Less(_))));
        cells[0].rounds[4].latencies = Latencies::default();
        assert_eq!(faster(&cells), Some(Verdict::TooFewRounds));
        assert_eq!(group(&cells).unwrap().functions[0].median, None);
    }
}
