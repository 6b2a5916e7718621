//! What changed between two results.

use super::statistics::Interval;
use crate::results::units::{digits, milliseconds};
use crate::results::{Measurement, Results, Round};
use crate::scenario::Load;
use anyhow::{Result, bail};
use comfy_table::{Table, presets};

/// The comparison of two results.
pub struct Changes {
    /// What to print.
    pub text: String,
    /// Whether a figure got worse by more than the threshold.
    pub worse: bool,
}

/// A figure of every round, lower if better: its name, where it comes from, and how it is printed.
type Figure = (&'static str, fn(&Measurement, &Round) -> Option<f64>, fn(f64) -> String);

const FIGURES: [Figure; 4] = [
    ("p50, ms", |_, round| round.latencies.median(), milliseconds),
    ("p99, ms", |_, round| round.latencies.percentile(0.99), milliseconds),
    ("time a call, ms", time_a_call, milliseconds),
    ("CPU s/1000", |_, round| Some(round.cpu_seconds? / round.latencies.calls() as f64 * 1000.0), digits),
];

/// The inverse of the throughput of several callers. The throughput of an open loop is the rate that was asked for.
fn time_a_call(measurement: &Measurement, round: &Round) -> Option<f64> {
    let several = matches!(measurement.load, Load::Closed(2..));
    several.then(|| round.seconds / round.latencies.calls() as f64)
}

/// Compares the figures that both results have. A figure has changed if the intervals of its rounds do not overlap. It
/// got worse if, beyond that, its median has grown by more than the threshold, a share.
///
/// # Errors
/// Returns an error if the two have no function, payload and load in common.
pub fn changes(before: &Results, after: &Results, threshold: f64) -> Result<Changes> {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(["", "", "before", "after", "change"]);
    let (mut compared, mut unsure, mut changed, mut worse) = (0, 0, 0, false);
    for old in &before.measurements {
        let same =
            |new: &&Measurement| new.function == old.function && new.payload == old.payload && new.load == old.load;
        let Some(new) = after.measurements.iter().find(same) else { continue };
        for (name, figure, text) in FIGURES {
            let rounds =
                |one: &Measurement| one.rounds.iter().map(|round| figure(one, round)).collect::<Option<Vec<_>>>();
            let Some((one, two)) = rounds(old).zip(rounds(new)) else { continue };
            compared += 1;
            let Some((one, two)) = Interval::new(&one).zip(Interval::new(&two)) else {
                unsure += 1;
                continue;
            };
            if one.low <= two.high && two.low <= one.high {
                continue;
            }
            changed += 1;
            let ratio = two.median / one.median;
            let too_much = ratio > 1.0 + threshold;
            worse |= too_much;
            let sign = if ratio > 1.0 { "+" } else { "-" };
            let mark = if too_much { ", too much" } else { "" };
            let change = format!("{sign}{} %{mark}", digits((ratio - 1.0).abs() * 100.0));
            let place = format!("{}, {}, {}", old.function, old.payload, old.load);
            table.add_row([place, name.to_owned(), range(one, text), range(two, text), change]);
        }
    }
    if compared == 0 {
        bail!("the two results have no function, payload and load in common");
    }
    let mut text = format!("before: {}\nafter:  {}\n\n", before.machine.line(), after.machine.line());
    if before.machine.processor != after.machine.processor || before.machine.cores != after.machine.cores {
        text.push_str("The machines differ: figures may differ for that reason alone.\n\n");
    }
    if changed > 0 {
        text.push_str(&format!("{table}\n\n"));
    }
    text.push_str(&format!("{changed} of {compared} figures changed: their intervals over rounds do not overlap."));
    if unsure > 0 {
        text.push_str(&format!(" {unsure} have too few rounds to tell."));
    }
    Ok(Changes { text, worse })
}

fn range(interval: Interval, text: fn(f64) -> String) -> String {
    format!("{} ({} to {})", text(interval.median), text(interval.low), text(interval.high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::fixture;

    fn results(name: &str, micros: impl Fn(u64) -> u64, rounds: u64) -> Results {
        let rounds = (0..rounds).map(|round| fixture::round(&[micros(round); 10])).collect();
        fixture::results(vec![Measurement { rounds, ..fixture::measurement(name, "p", 0) }])
    }

    #[test]
    fn only_a_sure_and_large_change_is_worse() {
        let base = results("f", |round| 1000 + round, 8);
        let against = |other: &Results| changes(&base, other, 0.1).unwrap();
        let much = against(&results("f", |round| 1500 + round, 8));
        assert!(much.worse && much.text.contains("too much"), "{}", much.text);
        let little = against(&results("f", |round| 1050 + round, 8));
        assert!(!little.worse && little.text.contains("1 of 1 figures changed"), "{}", little.text);
        let better = against(&results("f", |round| 500 + round, 8));
        assert!(!better.worse && better.text.contains("-49.8 %"), "{}", better.text);
        let unsure = against(&results("f", |round| if round == 3 { 900 } else { 1500 }, 8));
        assert!(!unsure.worse && unsure.text.contains("0 of 1"), "{}", unsure.text);
        let few = against(&results("f", |round| 1500 + round, 7));
        assert!(!few.worse && few.text.contains("1 have too few rounds"), "{}", few.text);
        assert!(changes(&base, &results("g", |_| 1, 8), 0.1).is_err());
    }
}
