//! When two functions differ: intervals for medians over rounds.

/// The confidence of every interval.
pub const CONFIDENCE: f64 = 0.99;
/// Smaller differences are not called so, however sure: a process can have that much luck with its memory and its compiler
/// from start to end, which rounds do not show (Kalibera and Jones, "Rigorous benchmarking in reasonable time").
pub const SMALLEST: f64 = 0.05;

/// A median of rounds with the interval that holds the true one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Interval {
    /// The interval of order statistics, which needs no assumption on the distribution; nothing where there are too few
    /// samples for it.
    ///
    /// The k-th smallest and k-th largest of n samples enclose the median with a probability of 1 - 2 P(B < k), B binomial
    /// with n and 1/2. Source: Le Boudec, "Performance Evaluation of Computer and Communication Systems", theorem 2.1.
    pub fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let count = sorted.len();
        let mut below = 0.0;
        let mut probability = 0.5_f64.powi(i32::try_from(count).ok()?);
        let mut rank = None;
        for k in 1..=count / 2 {
            // `below` becomes P(B < k).
            below += probability;
            if 1.0 - 2.0 * below < CONFIDENCE {
                break;
            }
            rank = Some(k);
            probability *= (count - k + 1) as f64 / k as f64;
        }
        let rank = rank?;
        Some(Self { low: sorted[rank - 1], median: median(&sorted), high: sorted[count - rank] })
    }

    /// What it is of one over each of the samples.
    pub fn inverse(self) -> Self {
        Self { low: 1.0 / self.high, median: 1.0 / self.median, high: 1.0 / self.low }
    }
}

/// The median of samples in their order.
pub fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

/// How one function stands to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Less of what was measured; the interval is of the ratio of the first to the second.
    Less(Interval),
    /// More of it.
    More(Interval),
    /// The interval holds 1, or is so near that it does not matter.
    NotDistinguishable(Interval),
    /// Too few rounds to say anything.
    TooFewRounds,
}

impl Verdict {
    /// From what was measured of both in each round, so that a slow moment of the machine, which meets both, counts once.
    pub fn of(one: &[f64], two: &[f64]) -> Self {
        let ratios: Vec<f64> = one.iter().zip(two).map(|(one, two)| one / two).collect();
        match Interval::of(&ratios) {
            Some(ratio) if ratio.high < 1.0 && ratio.median < 1.0 - SMALLEST => Self::Less(ratio),
            Some(ratio) if ratio.low > 1.0 && ratio.median > 1.0 + SMALLEST => Self::More(ratio),
            Some(ratio) => Self::NotDistinguishable(ratio),
            None => Self::TooFewRounds,
        }
    }

    /// In words: for a latency, `less` is "faster" and `more` is "slower".
    pub fn words(&self, less: &str, more: &str) -> String {
        let ratio = match self {
            Self::Less(ratio) => ratio.inverse(),
            Self::More(ratio) => *ratio,
            Self::NotDistinguishable(_) | Self::TooFewRounds => return self.short(less, more),
        };
        format!("{} ({} to {})", self.short(less, more), digits(ratio.low), digits(ratio.high))
    }

    /// The same without its interval.
    pub fn short(&self, less: &str, more: &str) -> String {
        match self {
            Self::Less(ratio) => format!("{}x {less}", digits(ratio.inverse().median)),
            Self::More(ratio) => format!("{}x {more}", digits(ratio.median)),
            Self::NotDistinguishable(_) => "not distinguishable".to_owned(),
            Self::TooFewRounds => "too few rounds".to_owned(),
        }
    }
}

/// Three digits, or all before the point.
pub fn digits(number: f64) -> String {
    let decimals = match number.abs() {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    format!("{number:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranks_are_those_of_the_binomial_distribution() {
        let samples = |count: u32| (1..=count).map(f64::from).collect::<Vec<_>>();
        // Le Boudec, appendix A, confidence 0.99: none below 8; 8 to 10: 1; 11: 1; 12: 2; 15: 3; 20: 4.
        assert_eq!(Interval::of(&samples(7)), None);
        for (count, rank) in [(8, 1.0), (10, 1.0), (11, 1.0), (12, 2.0), (15, 3.0), (20, 4.0)] {
            let interval = Interval::of(&samples(count)).unwrap();
            assert_eq!((interval.low, interval.high), (rank, f64::from(count) + 1.0 - rank), "{count}");
            assert_eq!(interval.median, (f64::from(count) + 1.0) / 2.0);
        }
    }

    #[test]
    fn a_verdict_needs_every_round_and_a_difference_that_matters() {
        let base = [10.0, 12.0, 9.0, 10.0, 11.0, 10.0, 30.0, 10.0];
        let times = |factor: f64| base.map(|value| value * factor);
        assert!(matches!(Verdict::of(&times(0.5), &base), Verdict::Less(_)));
        assert_eq!(Verdict::of(&times(0.5), &base).words("faster", "slower"), "2.00x faster (2.00 to 2.00)");
        assert_eq!(Verdict::of(&times(2.5), &base).words("faster", "slower"), "2.50x slower (2.50 to 2.50)");
        assert!(matches!(Verdict::of(&times(0.97), &base), Verdict::NotDistinguishable(_)));
        let mut mixed = times(0.5);
        mixed[3] = 11.0;
        assert!(matches!(Verdict::of(&mixed, &base), Verdict::NotDistinguishable(_)));
        assert_eq!(Verdict::of(&base[..7], &base[..7]), Verdict::TooFewRounds);
    }
}
