//! Where a call's time goes, as the server reports it.

use super::summary::Summary;
use crate::results::units::{distinct, milliseconds};
use crate::results::{Measurement, Results};

/// The part of a call that the server does not report.
pub const OUTSIDE: &str = "outside the function";

/// The stages of one function with one payload. Times are medians in seconds.
pub struct Breakdown {
    pub function: String,
    pub payload: String,
    /// The client's median.
    pub whole: f64,
    /// Names and times. The last is the time outside of the function.
    pub stages: Vec<(String, f64)>,
}

impl Breakdown {
    /// The breakdowns of all measurements that have stages.
    pub fn all(results: &Results) -> Vec<Self> {
        results.measurements.iter().filter_map(Self::new).collect()
    }

    fn new(measurement: &Measurement) -> Option<Self> {
        let whole = Summary::new(measurement).p50?;
        let medians: Vec<(&str, f64)> = measurement
            .stages
            .iter()
            .filter_map(|stage| Some((stage.name.as_str(), stage.durations.median()?)))
            .collect();
        let mut stages: Vec<(String, f64)> = Vec::new();
        for (name, seconds) in medians.iter().filter(|(name, _)| !name.contains('.')) {
            let prefix = format!("{name}.");
            let parts = medians.iter().filter_map(|(part, seconds)| Some((part.strip_prefix(&prefix)?, *seconds)));
            let within: f64 = parts.clone().map(|(_, seconds)| seconds).sum();
            let before = stages.len();
            stages.extend(parts.map(|(part, seconds)| (part.to_owned(), seconds)));
            let rest = if stages.len() > before { format!("rest of {name}") } else { (*name).to_owned() };
            stages.push((rest, (seconds - within).max(0.0)));
        }
        if stages.is_empty() {
            return None;
        }
        let inside: f64 = stages.iter().map(|(_, seconds)| seconds).sum();
        stages.push((OUTSIDE.to_owned(), (whole - inside).max(0.0)));
        let (function, payload) = (measurement.function.clone(), measurement.payload.clone());
        Some(Self { function, payload, whole, stages })
    }

    /// The median call, or the sum of all stages if it is longer, because the stages come from other calls.
    pub fn sum(&self) -> f64 {
        self.stages.iter().map(|(_, seconds)| seconds).sum()
    }

    /// The largest part in a sentence.
    pub fn words(&self) -> String {
        let longest = self.stages.iter().max_by(|one, two| one.1.total_cmp(&two.1));
        let (name, seconds) = longest.map_or((OUTSIDE, 0.0), |(name, seconds)| (name.as_str(), *seconds));
        let share = 100.0 * seconds / self.sum().max(f64::MIN_POSITIVE);
        let Self { payload, function, .. } = self;
        format!("{payload}, {function}: the largest part is {name}, {} ms or {share:.0} %.", milliseconds(seconds))
    }
}

/// Returns the stages' names in order of appearance, without the time outside of the function.
pub fn names(all: &[Breakdown]) -> Vec<String> {
    let names = all.iter().flat_map(|one| &one.stages).map(|(name, _)| name.clone());
    distinct(names.filter(|name| name != OUTSIDE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Stage;
    use crate::results::fixture::{latencies, measurement};

    fn breakdown(micros: u64, stages: &[(&str, u64)]) -> Option<Breakdown> {
        let mut measured = measurement("f", "p", micros);
        let stage = |&(name, micros): &(&str, u64)| Stage { name: name.to_owned(), durations: latencies(&[micros]) };
        measured.stages = stages.iter().map(stage).collect();
        Breakdown::new(&measured)
    }

    fn rounded(one: &Breakdown) -> Vec<(String, f64)> {
        one.stages.iter().map(|(name, seconds)| (name.clone(), (seconds * 1e4).round() / 10.0)).collect()
    }

    #[test]
    fn parts_replace_their_stage_and_the_rest_is_outside() {
        let stages = [("body", 1_000), ("compute", 6_000), ("compute.parse", 2_000), ("compute.print", 3_500)];
        let one = breakdown(10_000, &stages).unwrap();
        let expected =
            [("body", 1.0), ("parse", 2.0), ("print", 3.5), ("rest of compute", 0.5), ("outside the function", 3.0)];
        assert_eq!(rounded(&one), expected.map(|(name, ms)| (name.to_owned(), ms)));
        assert!(one.words().starts_with("p, f: the largest part is print, 3.50 ms or 35 %"), "{}", one.words());
    }

    #[test]
    fn the_time_outside_is_never_negative() {
        assert!(breakdown(1_000, &[]).is_none());
        let one = breakdown(1_000, &[("parse", 5_000)]).unwrap();
        assert_eq!(rounded(&one)[1], ("outside the function".to_owned(), 0.0));
        assert!(one.words().contains("parse, 5.00 ms or 100 %"), "{}", one.words());
    }
}
