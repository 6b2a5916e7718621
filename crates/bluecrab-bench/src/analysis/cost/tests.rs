//! Compares costs with examples that were calculated by hand.

use super::*;
use crate::results::fixture::{latencies, measurement, results};

const TOLERANCE: f64 = 1e-9;

fn measured(function: &str, load: Load, micros: u64, mb: u64) -> Measurement {
    let mut measured = measurement(function, "p", micros);
    measured.load = load;
    measured.rounds.iter_mut().for_each(|round| round.memory_peak = Some(mb << 20));
    measured
}

fn near(amount: &Option<Amount>, expected: f64) -> bool {
    amount.as_ref().is_some_and(|amount| (amount.price - expected).abs() < TOLERANCE)
}

#[test]
fn consumption_bills_rounded_time_times_rounded_memory() {
    let one = measured("base", Load::Closed(1), 249_500, 160);
    let two = measured("other", Load::Closed(1), 15_000, 110);
    let costs = costs(&results(vec![one, two]), &Prices::default());
    let [base, other] = &costs[0].functions[..] else { panic!() };
    // 249.5 ms count as 250 ms, 160 MB as 256 MB: 0.25 s * 0.25 GB * 0.000016 * 1e6 = 1.00, and 0.20 for the
    // executions.
    assert!(near(&base.consumption, 1.20) && base.memory == Some(256.0), "{base:?}");
    // 15 ms count as 100 ms, 110 MB as 128 MB: 0.1 s * 0.125 GB * 0.000016 * 1e6 = 0.20, and 0.20.
    assert!(near(&other.consumption, 0.40) && other.memory == Some(128.0), "{other:?}");
    let words = other.consumption.as_ref().and_then(|amount| amount.verdict).unwrap().words("cheaper", "dearer");
    assert_eq!(words, "3.00x cheaper (3.00 to 3.00)");
    assert!(!base.below_minimum && other.below_minimum);
}

#[test]
fn time_is_billed_call_by_call() {
    // 100 ms, 100 ms and 251 ms.
    let mean = billed_seconds(&latencies(&[5_000, 99_000, 250_200]), 100.0, 1.0).unwrap();
    assert!((mean - 0.451 / 3.0).abs() < TOLERANCE, "{mean}");
    assert_eq!(billed_seconds(&Latencies::default(), 100.0, 1.0), None);
}

#[test]
fn memory_is_the_mean_if_it_is_known_and_has_a_limit() {
    let consumption = Prices::default().consumption;
    let mut round = measured("f", Load::Closed(1), 1, 2000).rounds.remove(0);
    assert_eq!(billed_mb(&round, &consumption), Some(1536.0));
    round.memory_mean = Some(100e6);
    assert_eq!(billed_mb(&round, &consumption), Some(128.0));
    round.memory_mean = None;
    round.memory_peak = None;
    assert_eq!(billed_mb(&round, &consumption), None);
}

#[test]
fn flex_bills_whole_instances() {
    let single = measured("f", Load::Closed(1), 40_000, 100);
    let mut busy = measured("f", Load::Closed(8), 40_000, 100);
    for round in &mut busy.rounds {
        // 100 calls in 2 s, with 3 s of processor time: on one core they would need the 3 s.
        round.latencies = latencies(&[40_000; 100]);
        (round.seconds, round.cpu_seconds) = (2.0, Some(3.0));
    }
    let of = |busy: &Measurement| costs(&results(vec![single.clone(), busy.clone()]), &Prices::default()).remove(0);
    let cost = of(&busy);
    assert_eq!(cost.busy, Some(Load::Closed(8)));
    // 0.03 s * 2 GB * 0.000026 * 1e6 = 1.56, and 0.40.
    assert!(near(&cost.functions[0].flex_busy, 1.96), "{cost:?}");
    // 1 s * 2 GB * 0.000026 * 1e6 = 52, and 0.40.
    assert!(near(&cost.functions[0].flex_single, 52.40), "{cost:?}");
    // 3000 MB need an instance of 4096 MB with 2 cores: 0.02 s * 4 GB * 0.000026 * 1e6 = 2.08, and 0.40.
    busy.rounds[3].memory_peak = Some(3000 << 20);
    assert!(near(&of(&busy).functions[0].flex_busy, 2.48), "{:?}", of(&busy));
    busy.rounds[3].memory_peak = Some(5000 << 20);
    assert!(of(&busy).functions[0].flex_busy.is_none());
}

#[test]
fn the_host_has_its_share() {
    let mut one = measured("f", Load::Closed(1), 100_000, 100);
    let of = |one: &Measurement| costs(&results(vec![one.clone()]), &Prices::default()).remove(0).functions.remove(0);
    for round in &mut one.rounds {
        round.latencies = latencies(&[100_000; 10]);
        (round.seconds, round.cpu_seconds) = (0.1, Some(1.0));
    }
    // 100 MB count as 128 MB; 0.1 s of processor time * 2 GB * 0.000026 * 1e6 = 5.20, and 0.40.
    assert!(of(&one).memory == Some(128.0) && near(&of(&one).flex_busy, 5.60), "{:?}", of(&one));
    for round in &mut one.rounds {
        (round.host_memory, round.host_cpu_seconds) = (Some(50 << 20), Some(1.0));
    }
    assert!(of(&one).memory == Some(256.0) && near(&of(&one).flex_busy, 10.80), "{:?}", of(&one));
    one.rounds[0].host_memory = Some(2000 << 20);
    assert_eq!(of(&one).instance.map(|size| size.mb), Some(4096.0));
}

#[test]
fn flex_bills_each_begun_step_past_the_minimum() {
    let single = |micros| {
        let all = vec![measured("f", Load::Closed(1), micros, 100)];
        costs(&results(all), &Prices::default()).remove(0).functions.remove(0).flex_single
    };
    // 1,010 ms count as 1,100: 1.1 s * 2 GB * 0.000026 * 1e6 = 57.2, and 0.40.
    assert!(near(&single(1_010_000), 57.60), "{:?}", single(1_010_000));
    assert!(near(&single(990_000), 52.40), "{:?}", single(990_000));
}

#[test]
fn a_difference_that_the_minimum_hides_is_reported() {
    let both = |one, two| vec![measured("base", Load::Closed(1), one, 90), measured("other", Load::Closed(1), two, 90)];
    let of = |one, two| hidden(&costs(&results(both(one, two)), &Prices::default()), &Prices::default());
    let words = of(80_000, 10_000).unwrap();
    assert!(words.starts_with("other with p: the times differ from those of base, but all calls"), "{words}");
    assert_eq!([of(120_000, 10_000), of(10_000, 10_000)], [None, None]);
}

#[test]
fn callers_that_wait_for_each_other_do_not_show_the_time_of_a_call() {
    let only = |load| costs(&results(vec![measured("f", load, 1, 1)]), &Prices::default());
    assert!(only(Load::Closed(8)).is_empty());
    let open = only(Load::Open(20.0)).remove(0);
    assert!(open.functions[0].flex_busy.is_none() && open.functions[0].consumption.is_some());
}
