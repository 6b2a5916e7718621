//! From which size on a function is faster than the baseline.

use super::statistics::Verdict;
use super::summary::Group;
use crate::results::units::listed;
use crate::scenario::Load;

/// How a function compares with the baseline over the sizes of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub enum Crossover {
    /// Faster at every size.
    Always,
    /// Faster from the measured `size` on; the lines of the medians cross at `near`. `slower` has the sizes at which it
    /// is slower.
    From { size: f64, near: Option<f64>, slower: Vec<f64> },
    /// Not faster at the largest size. The lists have the sizes at which it is slower and faster.
    Never { slower: Vec<f64>, faster: Vec<f64> },
    /// A size has no verdict.
    Unknown,
}

impl Crossover {
    /// Takes the function at this place from each group of one load, ordered by size.
    pub fn new(groups: &[&Group], function: usize) -> Option<Self> {
        let point = |group: &&Group| Some((group.size?, group.functions.get(function)?.median?));
        let points: Vec<(f64, Verdict)> = groups.iter().map(point).collect::<Option<_>>()?;
        if points.is_empty() || points.iter().any(|(_, verdict)| verdict.is_unknown()) {
            return Some(Self::Unknown);
        }
        let sizes = |is: fn(&Verdict) -> bool| -> Vec<f64> {
            points.iter().filter(|(_, verdict)| is(verdict)).map(|(size, _)| *size).collect()
        };
        let slower = sizes(|verdict| matches!(verdict, Verdict::Higher(_)));
        let Some(last) = points.iter().rposition(|(_, verdict)| !matches!(verdict, Verdict::Lower(_))) else {
            return Some(Self::Always);
        };
        let Some((size, Verdict::Lower(ratio))) = points.get(last + 1) else {
            return Some(Self::Never { slower, faster: sizes(|verdict| matches!(verdict, Verdict::Lower(_))) });
        };
        let near = match points[last].1 {
            Verdict::Higher(before) | Verdict::NotDistinguishable(before) if before.median > 1.0 => {
                let share = before.median.ln() / (before.median.ln() - ratio.median.ln());
                Some((points[last].0.ln() + share * (size.ln() - points[last].0.ln())).exp())
            }
            _ => None,
        };
        Some(Self::From { size: *size, near, slower })
    }

    /// Describes the crossover of median latencies in words.
    pub fn words(&self) -> String {
        let at = |word: &str, sizes: &[f64]| {
            let names: Vec<String> = sizes.iter().map(f64::to_string).collect();
            (!sizes.is_empty()).then(|| format!("{word} at {}", listed(&names)))
        };
        match self {
            Self::Always => "faster at every size".to_owned(),
            Self::From { size, near, slower } => {
                let below = at("slower", slower).unwrap_or_else(|| "not distinguishable below it".to_owned());
                let near = near.map_or(String::new(), |near| format!("; the lines cross near {near:.0}"));
                format!("faster from size {size} on, {below}{near}")
            }
            Self::Never { slower, faster } => {
                let parts: Vec<String> = [at("slower", slower), at("faster", faster)].into_iter().flatten().collect();
                if parts.is_empty() {
                    return "not distinguishable at any size".to_owned();
                }
                format!("not faster at the largest size; {}", listed(&parts))
            }
            Self::Unknown => "too little data for a verdict at every size".to_owned(),
        }
    }
}

/// Returns the loads that have several sizes, each with its groups in the order of the results.
pub fn sweeps(groups: &[Group]) -> Vec<(Load, Vec<&Group>)> {
    let mut sweeps: Vec<(Load, Vec<&Group>)> = Vec::new();
    for group in groups.iter().filter(|group| group.size.is_some()) {
        match sweeps.iter_mut().find(|(load, _)| *load == group.load) {
            Some((_, sweep)) => sweep.push(group),
            None => sweeps.push((group.load, vec![group])),
        }
    }
    sweeps.retain(|(_, sweep)| sweep.len() > 1);
    sweeps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::summary::groups;
    use crate::results::fixture::sweep;

    fn words(times: &[(f64, u64, u64)]) -> String {
        let groups = groups(&sweep(times));
        Crossover::new(&groups.iter().collect::<Vec<_>>(), 1).unwrap().words()
    }

    #[test]
    fn the_size_is_named_from_which_on_it_pays() {
        assert_eq!(words(&[(1.0, 200, 100), (10.0, 900, 100)]), "faster at every size");
        assert_eq!(
            words(&[(1.0, 100, 200), (4.0, 200, 100)]),
            "faster from size 4 on, slower at 1; the lines cross near 2"
        );
        assert_eq!(words(&[(1.0, 100, 100), (4.0, 200, 100)]), "faster from size 4 on, not distinguishable below it");
        assert_eq!(
            words(&[(1.0, 200, 100), (4.0, 100, 200)]),
            "not faster at the largest size; slower at 4 and faster at 1"
        );
        assert_eq!(words(&[(1.0, 100, 100), (4.0, 100, 101)]), "not distinguishable at any size");
    }
}
