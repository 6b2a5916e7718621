//! The sentences about functions whose times are known.

use super::*;
use crate::analysis::cost::costs;
use crate::analysis::prices::Prices;
use crate::analysis::summary::groups;
use crate::results::fixture::{measurement, results, round, sweep};
use crate::results::{FunctionResult, Results};

/// A sweep with this many rounds.
fn measured(times: &[(f64, u64, u64)], rounds: usize) -> Results {
    let mut all = sweep(times);
    for one in &mut all.measurements {
        one.rounds.iter_mut().for_each(|round| round.memory_peak = Some(100 << 20));
        one.rounds.truncate(rounds);
    }
    all
}

fn said(times: &[(f64, u64, u64)], rounds: usize) -> String {
    let (results, prices) = (measured(times, rounds), Prices::default());
    sentences(&groups(&results), &costs(&results, &prices), &prices.currency).concat().join(" ")
}

fn front(times: &[(f64, u64, u64)], rounds: usize) -> String {
    fastest(&groups(&measured(times, rounds)))
}

#[test]
fn the_fastest_function_is_named_with_its_gain() {
    assert_eq!(
        front(&[(1.0, 2_000, 1_000), (2.0, 8_000, 2_000)], 8),
        "Called one at a time, with every payload other is fastest, 2.00x to 4.00x faster than base."
    );
    assert_eq!(
        front(&[(1.0, 1_000, 2_000), (2.0, 1_000, 1_000), (3.0, 9_000, 3_000)], 8),
        "Called one at a time, with p1 base is fastest, 2.00x faster than other; with p2 base and other are not \
         distinguishable; with p3 other is fastest, 3.00x faster than base."
    );
    assert_eq!(front(&[(1.0, 2_000, 1_000)], 7), "Too few rounds for a verdict: measure at least 8.");
    assert_eq!(front(&[(1.0, 2_000, 1_000)], 2), "Too few calls for a verdict: measure at least 30 of each.");
}

#[test]
fn functions_that_differ_from_each_other_are_not_called_alike() {
    let mut unsteady = measurement("other", "p", 1_000);
    unsteady.rounds[3] = round(&[1_400; 10]);
    let mut results = results(vec![measurement("base", "p", 1_200), unsteady, measurement("third", "p", 1_100)]);
    results.functions.push(FunctionResult { name: "third".to_owned(), ..FunctionResult::default() });
    assert_eq!(
        fastest(&groups(&results)),
        "Called one at a time, with p other has the lowest median, and base and third are not distinguishable from it."
    );
}

#[test]
fn a_gain_is_reported_with_its_range() {
    let text = said(&[(1.0, 2_000, 1_000), (10.0, 500_000, 100_000)], 8);
    let speed =
        "other is 2.00x faster (p1, one at a time) to 5.00x faster (p10, one at a time) than base, by the median.";
    assert!(text.starts_with(speed), "{text}");
    // 0.5 s * 0.125 GB * 16 + 0.20, and 0.1 s of it; at p1 both are billed 100 ms.
    let cost =
        "on Azure's Consumption plan 0.40 instead of 1.20 USD (p10), not distinguishably more or less with 1 of 2";
    assert!(text.contains(cost), "{text}");
}

#[test]
fn a_loss_is_reported_as_plainly() {
    let text = said(&[(1.0, 1_000, 2_000), (10.0, 1_000, 1_000), (100.0, 400_000, 100_000)], 8);
    assert!(text.contains("4.00x faster (p100, one at a time) in 1; 2.00x slower (p1, one at a time) in 1"), "{text}");
    assert!(
        text.contains("not distinguishable in 1. By the median latency of calls one at a time it is faster from"),
        "{text}"
    );
    let text = said(&[(1.0, 100_000, 200_000)], 8);
    assert!(text.starts_with("other is 2.00x slower (p1, one at a time) than base"), "{text}");
    assert!(text.contains("0.60 instead of 0.40 USD (p1)"), "{text}");
}

#[test]
fn nothing_uncertain_is_reported() {
    let text = said(&[(1.0, 1_000, 1_010), (10.0, 1_000, 1_000)], 8);
    assert!(text.starts_with("other and base are not distinguishable in any of the 2 cases."), "{text}");
    assert!(text.contains("it is not distinguishable at any size"), "{text}");
    assert_eq!(said(&[(1.0, 100, 1)], 7), "No verdict on other: too few rounds.");
    assert_eq!(said(&[(1.0, 100, 1)], 2), "No verdict on other: too few calls.");
}
