//! Latencies as an HdrHistogram, and as JSON: pairs of a value in nanoseconds and how often it was counted.

use hdrhistogram::Histogram;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::time::Duration;

/// Latencies, each to three digits.
#[derive(Debug, Clone, PartialEq)]
pub struct Latencies(Histogram<u64>);

const SHORTEST: u64 = 1_000;
const LONGEST: u64 = 3_600_000_000_000;
const DIGITS: u8 = 3;

impl Default for Latencies {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(SHORTEST, LONGEST, DIGITS).expect("the bounds are valid"))
    }
}

impl Latencies {
    /// Counts one.
    pub fn record(&mut self, latency: Duration) {
        self.count(u64::try_from(latency.as_nanos()).unwrap_or(LONGEST), 1);
    }

    fn count(&mut self, value: u64, times: u64) {
        self.0.saturating_record_n(value, times);
    }

    /// Counts all of another.
    pub fn add(&mut self, other: &Self) {
        other.pairs().for_each(|(value, times)| self.count(value, times));
    }

    /// How many there are.
    pub fn calls(&self) -> u64 {
        self.0.len()
    }

    /// The latency in seconds that this share of the calls does not exceed; nothing where so few calls cannot tell it
    /// from the slowest.
    pub fn percentile(&self, share: f64) -> Option<f64> {
        let enough = self.calls() as f64 * (1.0 - share) >= 1.0 - 1e-9;
        enough.then(|| self.0.value_at_quantile(share) as f64 / 1e9)
    }

    /// The median in seconds; nothing where there is no call.
    pub fn median(&self) -> Option<f64> {
        (self.calls() > 0).then(|| self.0.value_at_quantile(0.5) as f64 / 1e9)
    }

    /// The slowest in seconds.
    pub fn slowest(&self) -> Option<f64> {
        (self.calls() > 0).then(|| self.0.max() as f64 / 1e9)
    }

    /// Each value with how often it was counted, ascending.
    pub fn pairs(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value()))
    }
}

impl Serialize for Latencies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.pairs())
    }
}

impl<'de> Deserialize<'de> for Latencies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut latencies = Self::default();
        for (value, times) in Vec::<(u64, u64)>::deserialize(deserializer)? {
            latencies.count(value, times);
        }
        Ok(latencies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_its_counts_through_json() {
        let mut latencies = Latencies::default();
        for call in 1..=1000 {
            latencies.record(Duration::from_micros(if call % 100 == 0 { 20_000 + call } else { 500 + call }));
        }
        let json = serde_json::to_string(&latencies).unwrap();
        let back: Latencies = serde_json::from_str(&json).unwrap();
        assert_eq!(back.pairs().collect::<Vec<_>>(), latencies.pairs().collect::<Vec<_>>());
        assert_eq!(back.percentile(0.5), latencies.percentile(0.5));
        assert!((latencies.percentile(0.5).unwrap() / 1.004e-3 - 1.0).abs() < 2e-3);
        assert!(latencies.percentile(0.995).unwrap() > 0.020 && latencies.percentile(0.98).unwrap() < 0.002);
    }

    #[test]
    fn a_percentile_needs_its_calls() {
        let mut latencies = Latencies::default();
        assert_eq!((latencies.median(), latencies.slowest()), (None, None));
        (0..100).for_each(|_| latencies.record(Duration::from_millis(1)));
        assert!(latencies.percentile(0.99).is_some());
        assert_eq!(latencies.percentile(0.999), None);
    }
}
