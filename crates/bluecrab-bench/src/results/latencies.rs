//! Latencies as an HdrHistogram; in JSON, pairs of nanoseconds and how often they were counted.

use hdrhistogram::Histogram;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::time::Duration;

/// Latencies, each with three significant digits.
#[derive(Debug, Clone, PartialEq)]
pub struct Latencies(Histogram<u64>);

const SHORTEST: u64 = 1_000;
const LONGEST: u64 = 3_600_000_000_000;
const DIGITS: u8 = 3;
/// The shares that [`Latencies::condensed`] keeps.
const KEPT: [f64; 10] = [0.05, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.95, 0.99, 0.999];

impl Default for Latencies {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(SHORTEST, LONGEST, DIGITS).expect("the bounds are valid"))
    }
}

impl Latencies {
    /// Counts a latency.
    pub fn record(&mut self, latency: Duration) {
        self.count(u64::try_from(latency.as_nanos()).unwrap_or(LONGEST), 1);
    }

    fn count(&mut self, value: u64, times: u64) {
        self.0.saturating_record_n(value, times);
    }

    /// Counts all latencies of `other`.
    pub fn add(&mut self, other: &Self) {
        other.pairs().for_each(|(value, times)| self.count(value, times));
    }

    /// Adds up several histograms.
    pub fn sum<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        all.for_each(|latencies| sum.add(latencies));
        sum
    }

    /// Returns how many calls were counted.
    pub fn calls(&self) -> u64 {
        self.0.len()
    }

    /// The seconds that this share of the calls does not exceed. Nothing if there are too few calls to tell it from the
    /// slowest call: the 99th percentile needs 100 calls.
    pub fn percentile(&self, share: f64) -> Option<f64> {
        let enough = self.calls() as f64 * (1.0 - share) >= 1.0 - 1e-9;
        enough.then(|| self.0.value_at_quantile(share) as f64 / 1e9)
    }

    /// Returns the median in seconds.
    pub fn median(&self) -> Option<f64> {
        (self.calls() > 0).then(|| self.0.value_at_quantile(0.5) as f64 / 1e9)
    }

    /// Returns the latency of the slowest call in seconds.
    pub fn slowest(&self) -> Option<f64> {
        (self.calls() > 0).then(|| self.0.max() as f64 / 1e9)
    }

    /// Returns each latency in nanoseconds with its count, in ascending order.
    pub fn pairs(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value()))
    }

    /// Rounds each call up to the next percentile that is kept, so that at most eleven values remain. The kept
    /// percentiles do not change.
    pub fn condensed(&self) -> Self {
        let calls = self.calls();
        let mut condensed = Self::default();
        let mut counted = 0;
        for share in KEPT.into_iter().chain([1.0]) {
            let rank = ((calls as f64 * share).ceil() as u64).clamp(counted, calls);
            if rank > counted {
                condensed.count(self.0.value_at_quantile(rank as f64 / calls as f64), rank - counted);
                counted = rank;
            }
        }
        condensed
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

    fn thousand() -> Latencies {
        let mut latencies = Latencies::default();
        for call in 1..=1000 {
            latencies.record(Duration::from_micros(if call % 100 == 0 { 20_000 + call } else { 500 + call }));
        }
        latencies
    }

    #[test]
    fn json_keeps_every_count() {
        let latencies = thousand();
        let json = serde_json::to_string(&latencies).unwrap();
        let back: Latencies = serde_json::from_str(&json).unwrap();
        assert_eq!(back.pairs().collect::<Vec<_>>(), latencies.pairs().collect::<Vec<_>>());
        assert!((latencies.median().unwrap() / 1.004e-3 - 1.0).abs() < 2e-3);
        assert!(latencies.percentile(0.995).unwrap() > 0.020 && latencies.percentile(0.98).unwrap() < 0.002);
    }

    #[test]
    fn a_percentile_needs_its_calls() {
        let mut latencies = Latencies::default();
        assert_eq!((latencies.median(), latencies.slowest()), (None, None));
        (0..99).for_each(|_| latencies.record(Duration::from_millis(1)));
        assert_eq!(latencies.percentile(0.99), None);
        latencies.record(Duration::from_millis(1));
        assert!(latencies.percentile(0.99).is_some());
        assert_eq!(latencies.percentile(0.999), None);
    }

    #[test]
    fn condensing_keeps_the_percentiles_that_reports_use() {
        let latencies = thousand();
        let condensed = latencies.condensed();
        assert!(condensed.pairs().count() <= 11 && condensed.calls() == latencies.calls());
        for share in [0.5, 0.9, 0.99, 0.999] {
            assert_eq!(condensed.percentile(share), latencies.percentile(share), "{share}");
        }
        assert_eq!(condensed.slowest(), latencies.slowest());
        assert_eq!(condensed.condensed().pairs().collect::<Vec<_>>(), condensed.pairs().collect::<Vec<_>>());
        assert_eq!(Latencies::default().condensed().calls(), 0);
        let mut three = Latencies::default();
        (1..=3).for_each(|ms| three.record(Duration::from_millis(ms)));
        assert_eq!(three.condensed().median(), three.median());
    }
}
