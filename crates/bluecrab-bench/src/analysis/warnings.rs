//! What makes figures doubtful.

use crate::results::{Results, Round};
use crate::system::LIMIT;

/// Returns sentences about other programs that disturbed rounds, and about warm-ups that were too short.
pub fn warnings(results: &Results) -> Vec<String> {
    [background_load(results), unsettled(results)].into_iter().flatten().collect()
}

fn background_load(results: &Results) -> Option<String> {
    let alone = results.functions.iter().flat_map(|function| &function.probe_alone);
    let rounds: Vec<&Round> = results.measurements.iter().flat_map(|one| &one.rounds).chain(alone).collect();
    let disturbed: Vec<f64> =
        rounds.iter().filter_map(|round| round.background_load).filter(|share| *share > LIMIT).collect();
    let most = disturbed.iter().copied().reduce(f64::max)?;
    Some(format!(
        "Other programs took more than {:.0} % of the machine, up to {:.0} %, in {} of {} measurements: the figures \
         may be off.",
        LIMIT * 100.0,
        most * 100.0,
        disturbed.len(),
        rounds.len()
    ))
}

/// A sentence names this many cases and counts the rest.
const NAMED: usize = 4;

fn unsettled(results: &Results) -> Option<String> {
    let unsettled = results.measurements.iter().filter(|one| one.unsettled > 0);
    let warm_ups = |rounds: usize| if results.fresh_workers { rounds } else { 1 };
    let cases: Vec<String> = unsettled
        .map(|one| {
            let times = format!("{} of {}", one.unsettled, warm_ups(one.rounds.len()));
            format!("{} with {}, {} ({times})", one.function, one.payload, one.load)
        })
        .collect();
    let (named, others) = cases.split_at(cases.len().min(NAMED));
    let others = if others.is_empty() { String::new() } else { format!("; and {} more", others.len()) };
    (!named.is_empty())
        .then(|| format!("The median had not settled at the end of the warm-up: {}{others}.", named.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::fixture::{measurement, results};

    #[test]
    fn a_calm_run_needs_no_warning() {
        let mut calm = measurement("base", "p", 1);
        calm.rounds[0].background_load = Some(0.1);
        assert!(warnings(&results(vec![calm])).is_empty() && warnings(&results(Vec::new())).is_empty());
    }

    #[test]
    fn disturbed_rounds_and_short_warm_ups_are_reported() {
        let mut all = measurement("base", "p", 1);
        for (round, share) in all.rounds.iter_mut().zip([0.34, 0.0, 0.9]) {
            round.background_load = Some(share);
        }
        all.unsettled = 1;
        let expected = [
            "Other programs took more than 10 % of the machine, up to 90 %, in 2 of 8 measurements: the figures may be off.",
            "The median had not settled at the end of the warm-up: base with p, one at a time (1 of 1).",
        ];
        assert_eq!(warnings(&results(vec![all])), expected);
    }
}
