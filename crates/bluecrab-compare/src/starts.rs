//! Cold starts: from the start of the host's process to the first answer.

use crate::results::Results;
use crate::statistics::{Verdict, digits};

/// The starts of one function. Times are in seconds.
#[derive(Debug, Clone)]
pub struct Starts {
    /// Its place among the functions.
    pub function: usize,
    pub name: String,
    pub seconds: Vec<f64>,
    pub median: f64,
    pub fastest: f64,
    pub slowest: f64,
    /// Against the baseline's; nothing for the baseline, and where it has not as many.
    pub verdict: Option<Verdict>,
}

impl Starts {
    /// Of every function that has some.
    pub fn all(results: &Results) -> Vec<Self> {
        let baseline = results.functions.first().map_or(&[][..], |function| &function.cold_starts[..]);
        let of = |(index, function): (usize, &crate::results::FunctionResult)| {
            let seconds = function.cold_starts.clone();
            let mut sorted = seconds.clone();
            sorted.sort_by(f64::total_cmp);
            let (fastest, slowest) = (*sorted.first()?, *sorted.last()?);
            let median = (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0;
            let comparable = index > 0 && seconds.len() == baseline.len();
            let verdict = comparable.then(|| Verdict::of(&seconds, baseline));
            Some(Self { function: index, name: function.name.clone(), seconds, median, fastest, slowest, verdict })
        };
        results.functions.iter().enumerate().filter_map(of).collect()
    }

    /// In a sentence.
    pub fn words(&self) -> String {
        let verdict = self.verdict.map(|verdict| format!("; {}", verdict.words("faster", "slower")));
        format!(
            "{}: {} s by the median of {}, {} to {}{}.",
            self.name,
            digits(self.median),
            self.seconds.len(),
            digits(self.fastest),
            digits(self.slowest),
            verdict.unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::results;

    #[test]
    fn a_start_is_compared_where_both_have_as_many() {
        let mut results = results(Vec::new());
        let times = |factor: f64| (0..10).map(|start| factor * (0.6 + 0.01 * f64::from(start))).collect::<Vec<_>>();
        results.functions[0].cold_starts = times(1.0);
        results.functions[1].cold_starts = times(0.25);
        let all = Starts::all(&results);
        assert_eq!(all[0].words(), "base: 0.65 s by the median of 10, 0.60 to 0.69.");
        assert!(all[1].words().contains("4.00x faster"), "{}", all[1].words());
        results.functions[1].cold_starts.pop();
        assert_eq!(Starts::all(&results)[1].verdict, None);
        results.functions[1].cold_starts.clear();
        assert_eq!(Starts::all(&results).len(), 1);
    }
}
