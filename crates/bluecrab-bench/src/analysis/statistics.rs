//! Decides whether two functions differ, by intervals for medians over rounds.

use crate::results::units::digits;

/// The confidence of every interval.
pub const CONFIDENCE: f64 = 0.99;
/// A verdict needs an interval that lies beyond this difference. A process can be this much faster or slower than
/// others from start to end, because of the layout of its memory and the decisions of its compiler. Its rounds do not
/// show that (Kalibera and Jones, "Rigorous benchmarking in reasonable time").
pub const SMALLEST: f64 = 0.05;

/// The median of rounds, with the interval that holds the true median.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Interval {
    /// The interval of order statistics, which assumes nothing about the distribution; nothing for too few samples.
    ///
    /// The k-th smallest and k-th largest of n samples enclose the median with a probability of 1 - 2 P(B < k), B
    /// binomial with n and 1/2. Source: Le Boudec, "Performance Evaluation of Computer and Communication Systems",
    /// theorem 2.1.
    pub fn new(samples: &[f64]) -> Option<Self> {
        let sorted = sorted(samples);
        let count = sorted.len();
        let mut below = 0.0;
        // The logarithm of P(B = k - 1), which is too small for a double for many samples.
        let mut logarithm = -(count as f64) * std::f64::consts::LN_2;
        let mut rank = None;
        for k in 1..=count / 2 {
            below += logarithm.exp();
            if 1.0 - 2.0 * below < CONFIDENCE {
                break;
            }
            rank = Some(k);
            logarithm += ((count - k + 1) as f64 / k as f64).ln();
        }
        let rank = rank?;
        Some(Self { low: sorted[rank - 1], median: middle(&sorted), high: sorted[count - rank] })
    }

    /// The interval of ratios. Its logarithms make the median of an even number of ratios the inverse of the median of
    /// their inverses, so that "2x faster" one way is "2x slower" the other way.
    fn of_ratios(ratios: impl Iterator<Item = f64>) -> Option<Self> {
        let logarithms: Vec<f64> = ratios.map(f64::ln).collect();
        let Self { low, median, high } = Self::new(&logarithms)?;
        Some(Self { low: low.exp(), median: median.exp(), high: high.exp() })
    }

    /// Returns the interval of the inverse values.
    pub fn inverse(self) -> Self {
        Self { low: 1.0 / self.high, median: 1.0 / self.median, high: 1.0 / self.low }
    }
}

/// Returns the median of samples, or `None` if there are no samples.
pub fn median(samples: &[f64]) -> Option<f64> {
    let sorted = sorted(samples);
    (!sorted.is_empty()).then(|| middle(&sorted))
}

fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

fn middle(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

/// How a figure of one function compares with another's. The interval belongs to the ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// The whole interval is lower by more than the threshold.
    Lower(Interval),
    /// The whole interval is higher by more than the threshold.
    Higher(Interval),
    /// The interval reaches into the threshold.
    NotDistinguishable(Interval),
    /// There are too few rounds for an interval.
    TooFewRounds,
    /// There are too few calls, however many rounds they make.
    TooFewCalls,
}

impl Verdict {
    /// Divides the figures of each round first, so that a slow moment of the machine affects both sides equally.
    pub fn new(one: &[f64], two: &[f64]) -> Self {
        match Interval::of_ratios(one.iter().zip(two).map(|(one, two)| one / two)) {
            Some(ratio) if ratio.high < 1.0 / (1.0 + SMALLEST) => Self::Lower(ratio),
            Some(ratio) if ratio.low > 1.0 + SMALLEST => Self::Higher(ratio),
            Some(ratio) => Self::NotDistinguishable(ratio),
            None => Self::TooFewRounds,
        }
    }

    /// Returns the ratio of a difference, turned so that it is above 1.
    pub fn factor(&self) -> Option<Interval> {
        match self {
            Self::Lower(ratio) => Some(ratio.inverse()),
            Self::Higher(ratio) => Some(*ratio),
            _ => None,
        }
    }

    /// Returns whether there was too little data for a verdict.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::TooFewRounds | Self::TooFewCalls)
    }

    /// Describes the verdict with its interval. For a latency, `lower` is "faster" and `higher` is "slower".
    pub fn words(&self, lower: &str, higher: &str) -> String {
        let interval = self.factor().map(|ratio| format!(" ({} to {})", digits(ratio.low), digits(ratio.high)));
        self.short(lower, higher) + &interval.unwrap_or_default()
    }

    /// Describes the verdict without its interval.
    pub fn short(&self, lower: &str, higher: &str) -> String {
        match (self, self.factor()) {
            (Self::Lower(_), Some(ratio)) => format!("{}x {lower}", digits(ratio.median)),
            (_, Some(ratio)) => format!("{}x {higher}", digits(ratio.median)),
            (Self::TooFewRounds, None) => "too few rounds".to_owned(),
            (Self::TooFewCalls, None) => "too few calls".to_owned(),
            (_, None) => "not distinguishable".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranks_are_those_of_the_binomial_distribution() {
        let samples = |count: u32| (1..=count).map(f64::from).collect::<Vec<_>>();
        // Le Boudec, appendix A, confidence 0.99.
        assert_eq!(Interval::new(&samples(7)), None);
        for (count, rank) in [(8, 1.0), (10, 1.0), (11, 1.0), (12, 2.0), (15, 3.0), (20, 4.0)] {
            let interval = Interval::new(&samples(count)).unwrap();
            assert_eq!((interval.low, interval.high), (rank, f64::from(count) + 1.0 - rank), "{count}");
            assert_eq!(interval.median, (f64::from(count) + 1.0) / 2.0);
        }
    }

    #[test]
    fn many_rounds_make_a_narrow_interval() {
        // About 2.58 standard deviations of sqrt(n) / 2 on both sides of the middle.
        let samples: Vec<f64> = (1..=4000).map(f64::from).collect();
        let interval = Interval::new(&samples).unwrap();
        assert!((1915.0..1922.0).contains(&interval.low), "{interval:?}");
        assert!((2079.0..2086.0).contains(&interval.high), "{interval:?}");
    }

    #[test]
    fn a_verdict_needs_the_whole_interval_beyond_the_threshold() {
        let base = [10.0, 12.0, 9.0, 10.0, 11.0, 10.0, 30.0, 10.0];
        let times = |factor: f64| base.map(|value| value * factor);
        assert_eq!(Verdict::new(&times(0.5), &base).words("faster", "slower"), "2.00x faster (2.00 to 2.00)");
        assert_eq!(Verdict::new(&times(2.5), &base).words("faster", "slower"), "2.50x slower (2.50 to 2.50)");
        assert!(matches!(Verdict::new(&times(0.97), &base), Verdict::NotDistinguishable(_)));
        // Each round is lower and the median by far, but one round is within the threshold.
        let mut mixed = times(0.5);
        mixed[3] = 9.8;
        assert!(matches!(Verdict::new(&mixed, &base), Verdict::NotDistinguishable(_)));
        mixed[3] = 9.4;
        assert!(matches!(Verdict::new(&mixed, &base), Verdict::Lower(_)));
        assert_eq!(Verdict::new(&base[..7], &base[..7]), Verdict::TooFewRounds);
    }

    #[test]
    fn a_verdict_is_the_same_from_both_sides() {
        let base = [1.0; 8];
        for factor in [1.04, 1.051, 1.2] {
            let (one, two) = (Verdict::new(&[factor; 8], &base), Verdict::new(&base, &[factor; 8]));
            assert_eq!(matches!(one, Verdict::Higher(_)), matches!(two, Verdict::Lower(_)), "{factor}");
        }
        let mixed = [2.0, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0, 3.0];
        assert_eq!(Verdict::new(&mixed, &base).short("faster", "slower"), "2.45x slower");
        assert_eq!(Verdict::new(&base, &mixed).short("faster", "slower"), "2.45x faster");
    }
}
