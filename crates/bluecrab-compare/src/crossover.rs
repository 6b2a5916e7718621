//! From what size on a function is faster than the baseline.

use crate::scenario::Load;
use crate::statistics::Verdict;
use crate::summary::Group;

/// How a function stands to the baseline over the sizes of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub enum Crossover {
    /// Faster at every size.
    Always,
    /// Faster from this size on, which was measured; `near` is where the lines of the medians cross, where they do.
    From { size: f64, near: Option<f64>, below: Sizes },
    /// Not faster at the largest size.
    Never(Sizes),
    /// A size has too few rounds for a verdict.
    TooFewRounds,
}

/// Sizes by what is said of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sizes {
    slower: Vec<f64>,
    faster: Vec<f64>,
    others: usize,
}

impl Sizes {
    fn of(points: &[(f64, Verdict)]) -> Self {
        let mut sizes = Self::default();
        for (size, verdict) in points {
            match verdict {
                Verdict::More(_) => sizes.slower.push(*size),
                Verdict::Less(_) => sizes.faster.push(*size),
                Verdict::NotDistinguishable(_) | Verdict::TooFewRounds => sizes.others += 1,
            }
        }
        sizes
    }

    /// In words, the last of which are `others` where there are some that are neither.
    fn words(&self, others: &str) -> Vec<String> {
        let list = |word: &str, sizes: &[f64]| {
            let sizes: Vec<String> = sizes.iter().map(f64::to_string).collect();
            (!sizes.is_empty()).then(|| format!("{word} at {}", sizes.join(", ")))
        };
        let others = (self.others > 0).then(|| others.to_owned());
        [list("slower", &self.slower), list("faster", &self.faster), others].into_iter().flatten().collect()
    }
}

impl Crossover {
    /// Of the function at this place in each of the groups, which are one load's, by size.
    pub fn of(groups: &[&Group], function: usize) -> Option<Self> {
        let points: Vec<(f64, Verdict)> = groups
            .iter()
            .map(|group| Some((group.size?, group.functions.get(function)?.median?)))
            .collect::<Option<_>>()?;
        if points.iter().any(|(_, verdict)| *verdict == Verdict::TooFewRounds) {
            return Some(Self::TooFewRounds);
        }
        let slower = points.iter().rposition(|(_, verdict)| !matches!(verdict, Verdict::Less(_)));
        let Some(last) = slower else { return (!points.is_empty()).then_some(Self::Always) };
        let Some((size, Verdict::Less(ratio))) = points.get(last + 1) else {
            return Some(Self::Never(Sizes::of(&points)));
        };
        let near = match points[last].1 {
            Verdict::More(before) | Verdict::NotDistinguishable(before) if before.median > 1.0 => {
                let share = before.median.ln() / (before.median.ln() - ratio.median.ln());
                Some((points[last].0.ln() + share * (size.ln() - points[last].0.ln())).exp())
            }
            _ => None,
        };
        Some(Self::From { size: *size, near, below: Sizes::of(&points[..=last]) })
    }

    /// In words, of median latencies.
    pub fn words(&self) -> String {
        match self {
            Self::Always => "faster at every size".to_owned(),
            Self::From { size, near, below } => {
                let alone = below.slower.is_empty() && below.faster.is_empty();
                let others = if alone { "not distinguishable below it" } else { "else not distinguishable below" };
                let near = near.map_or(String::new(), |near| format!("; the lines cross near {near:.0}"));
                format!("faster from size {size} on, {}{near}", below.words(others).join(", "))
            }
            Self::Never(Sizes { faster, others: 0, .. }) if faster.is_empty() => "slower at every size".to_owned(),
            Self::Never(Sizes { slower, faster, .. }) if slower.is_empty() && faster.is_empty() => {
                "not distinguishable at any size".to_owned()
            }
            Self::Never(sizes) => {
                format!("not faster at the largest size: {}", sizes.words("else not distinguishable").join(", "))
            }
            Self::TooFewRounds => "too few rounds for a verdict".to_owned(),
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
    use crate::fixture::cell;
    use crate::summary::group;

    fn sweep(times: &[(f64, u64, u64)]) -> Vec<Group> {
        let cell = |size: f64, name: &str, micros: u64| {
            let mut cell = cell(name, &size.to_string(), micros);
            cell.size = Some(size);
            cell
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
        assert!(matches!(of(&[(1.0, 100, 50), (10.0, 200, 300)]), Crossover::Never(_)));
        let Crossover::From { size, near: Some(near), .. } = of(&[(1.0, 100, 400), (100.0, 4000, 1000)]) else {
            panic!()
        };
        assert!(size == 100.0 && (near - 10.0).abs() < 0.1, "{near}");
        assert!(matches!(of(&[(1.0, 100, 100), (2.0, 200, 100)]), Crossover::From { size: 2.0, near: None, .. }));
    }

    #[test]
    fn says_where_it_is_slower() {
        let words = |times: &[(f64, u64, u64)]| of(times).words();
        assert_eq!(
            words(&[(2.0, 100, 200), (10.0, 200, 200), (100.0, 4000, 1000)]),
            "faster from size 100 on, slower at 2, else not distinguishable below"
        );
        assert_eq!(words(&[(1.0, 100, 100), (2.0, 200, 100)]), "faster from size 2 on, not distinguishable below it");
        let crossing = words(&[(1.0, 100, 400), (100.0, 4000, 1000)]);
        assert_eq!(crossing, "faster from size 100 on, slower at 1; the lines cross near 10");
        assert_eq!(
            words(&[(1.0, 100, 50), (2.0, 100, 100), (10.0, 200, 300)]),
            "not faster at the largest size: slower at 10, faster at 1, else not distinguishable"
        );
        assert_eq!(words(&[(1.0, 100, 200), (2.0, 100, 300)]), "slower at every size");
        assert_eq!(words(&[(1.0, 100, 100), (2.0, 100, 100)]), "not distinguishable at any size");
    }

    #[test]
    fn too_few_rounds_are_no_verdict() {
        let mut cells = [cell("base", "p", 100), cell("other", "p", 50)];
        for cell in &mut cells {
            cell.size = Some(1.0);
            cell.rounds.truncate(7);
        }
        let few = group(&cells).unwrap();
        let crossover = Crossover::of(&[&few], 1).unwrap();
        assert_eq!(crossover.words(), "too few rounds for a verdict");
        assert_eq!(Crossover::of(&[&few], 0), None);
    }
}
