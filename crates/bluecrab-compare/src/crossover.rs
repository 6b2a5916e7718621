//! From what size on a function is faster than the baseline.

use crate::scenario::Load;
use crate::statistics::Verdict;
use crate::summary::Group;

/// How a function stands to the baseline over the sizes of a sweep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Crossover {
    /// Faster at every size.
    Always,
    /// Faster from this size on, which was measured; `near` is where the lines of the medians cross, where they do.
    From { size: f64, near: Option<f64> },
    /// Not faster at the largest size.
    Never,
}

impl Crossover {
    /// Of the function at this place in each of the groups, which are one load's, by size.
    pub fn of(groups: &[&Group], function: usize) -> Option<Self> {
        let points: Vec<(f64, Verdict)> = groups
            .iter()
            .map(|group| Some((group.size?, group.functions.get(function)?.median?)))
            .collect::<Option<_>>()?;
        let slower = points.iter().rposition(|(_, verdict)| !matches!(verdict, Verdict::Less(_)));
        let Some(last) = slower else { return (!points.is_empty()).then_some(Self::Always) };
        let Some((size, Verdict::Less(ratio))) = points.get(last + 1) else { return Some(Self::Never) };
        let near = match points[last].1 {
            Verdict::More(before) | Verdict::NotDistinguishable(before) if before.median > 1.0 => {
                let share = before.median.ln() / (before.median.ln() - ratio.median.ln());
                Some((points[last].0.ln() + share * (size.ln() - points[last].0.ln())).exp())
            }
            _ => None,
        };
        Some(Self::From { size: *size, near })
    }

    /// In words.
    pub fn words(self) -> String {
        match self {
            Self::Always => "faster at every size".to_owned(),
            Self::From { size, near: Some(near) } => {
                format!("faster from size {size} on; the lines cross near {near:.0}")
            }
            Self::From { size, near: None } => format!("faster from size {size} on, not distinguishable below it"),
            Self::Never => "not distinguishably faster at the largest size".to_owned(),
        }
    }
}

/// The groups of each load that have a size.
pub fn sweeps(groups: &[Group]) -> Vec<(Load, Vec<&Group>)> {
    let mut sweeps: Vec<(Load, Vec<&Group>)> = Vec::new();
    for group in groups.iter().filter(|group| group.size.is_some()) {
        match sweeps.iter_mut().find(|(load, _)| *load == group.load) {
            Some((_, sweep)) => sweep.push(group),
            None => sweeps.push((group.load, vec![group])),
        }
    }
    sweeps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::histogram::Latencies;
    use crate::results::{Cell, Round};
    use crate::summary::group;
    use std::time::Duration;

    fn sweep(times: &[(f64, u64, u64)]) -> Vec<Group> {
        let cell = |size: f64, name: &str, micros: u64| {
            let mut latencies = Latencies::default();
            latencies.record(Duration::from_micros(micros));
            let round = Round {
                seconds: 1.0,
                latencies,
                cpu_seconds: None,
                memory_peak: None,
                memory_after: None,
                memory: Vec::new(),
                neighbour: None,
            };
            Cell {
                function: name.to_owned(),
                payload: size.to_string(),
                size: Some(size),
                load: Load::Closed(1),
                bytes_in: 0,
                bytes_out: 0,
                rounds: vec![round; 8],
                stages: Vec::new(),
            }
        };
        let groups = times.iter().map(|&(size, base, other)| [cell(size, "base", base), cell(size, "other", other)]);
        groups.filter_map(|cells| group(&cells)).collect()
    }

    fn of(times: &[(f64, u64, u64)]) -> Crossover {
        let groups = sweep(times);
        Crossover::of(&groups.iter().collect::<Vec<_>>(), 1).unwrap()
    }

    #[test]
    fn finds_where_the_lines_cross() {
        assert_eq!(of(&[(1.0, 100, 50), (10.0, 200, 50)]), Crossover::Always);
        assert_eq!(of(&[(1.0, 100, 50), (10.0, 200, 300)]), Crossover::Never);
        let Crossover::From { size, near: Some(near) } = of(&[(1.0, 100, 400), (100.0, 4000, 1000)]) else { panic!() };
        assert!(size == 100.0 && (near - 10.0).abs() < 0.1, "{near}");
        assert_eq!(of(&[(1.0, 100, 100), (2.0, 200, 100)]), Crossover::From { size: 2.0, near: None });
    }
}
