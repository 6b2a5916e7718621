//! What was measured, with its spread.

use std::fmt;

/// A median with the quartiles around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Spread {
    /// The quartiles of samples by linear interpolation; nothing where there are none.
    pub fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let at = |share: f64| {
            let place = share * last as f64;
            let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
            below + (above - below) * place.fract()
        };
        Some(Self { low: at(0.25), median: at(0.5), high: at(0.75) })
    }

    /// What follows from each round's two samples, so that a slow moment of the machine, which meets both, counts once.
    /// Rounds in which only one took part are left out.
    pub fn of_pairs(one: &[f64], two: &[f64], of: impl Fn(f64, f64) -> f64) -> Option<Self> {
        Self::of(&one.iter().zip(two).map(|(one, two)| of(*one, *two)).collect::<Vec<_>>())
    }

    /// How many times the second the first is.
    pub fn ratio(one: &[f64], two: &[f64]) -> Option<Self> {
        Self::of_pairs(one, two, |one, two| one / two)
    }

    /// How much more than the second the first is.
    pub fn excess(one: &[f64], two: &[f64]) -> Option<Self> {
        Self::of_pairs(one, two, |one, two| one - two)
    }

    /// A number over each of these: a speed from a time.
    pub fn divide(self, work: f64) -> Self {
        Self { low: work / self.high, median: work / self.median, high: work / self.low }
    }

    /// The quartiles, as a text.
    pub fn range(&self) -> String {
        format!("{} to {}", digits(self.low), digits(self.high))
    }

    /// Each of these times a factor.
    pub fn scale(self, factor: f64) -> Self {
        Self { low: self.low * factor, median: self.median * factor, high: self.high * factor }
    }
}

impl fmt::Display for Spread {
    /// The median alone.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&digits(self.median))
    }
}

/// Three digits, or all before the point.
fn digits(number: f64) -> String {
    let decimals = match number.abs() {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    format!("{number:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_and_what_follows_from_them() {
        let one = Spread::of(&[4.0, 1.0, 3.0, 2.0, 5.0]).unwrap();
        assert_eq!(one, Spread { low: 2.0, median: 3.0, high: 4.0 });
        assert_eq!(Spread::of(&[1.0, 2.0]).unwrap().median, 1.5);
        assert_eq!(Spread::of(&[]), None);
        let (slow, fast) = ([2.0, 8.0, 4.0, 9.0], [1.0, 4.0, 1.0]);
        assert_eq!(Spread::ratio(&slow, &fast), Some(Spread { low: 2.0, median: 2.0, high: 3.0 }));
        assert_eq!(Spread::excess(&slow, &fast), Some(Spread { low: 2.0, median: 3.0, high: 3.5 }));
        assert_eq!(one.divide(12.0), Spread { low: 3.0, median: 4.0, high: 6.0 });
        assert_eq!(format!("{one} ({})", one.range()), "3.00 (2.00 to 4.00)");
    }
}
