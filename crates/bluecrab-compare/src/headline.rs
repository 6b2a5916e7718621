//! The answer in a few sentences: faster or not, by how much, from what size on, and at what cost.

use crate::cost::{Amount, Cost, Costs};
use crate::crossover::{self, Crossover};
use crate::statistics::{Interval, Verdict, digits};
use crate::summary::Group;

/// A few sentences on each function but the baseline; the first of them is the verdict.
pub fn sentences(groups: &[Group], costs: &[Costs], currency: &str) -> Vec<Vec<String>> {
    let functions = groups.first().map_or(&[][..], |group| &group.functions[..]);
    let Some(baseline) = functions.first() else { return Vec::new() };
    let of = |(index, name): (usize, &String)| {
        let places: Vec<(String, Verdict)> = groups
            .iter()
            .filter_map(|group| {
                Some((format!("{}, {}", group.payload, group.load), group.functions.get(index)?.median?))
            })
            .collect();
        let few = places.iter().all(|(_, verdict)| *verdict == Verdict::TooFewRounds);
        if few {
            return vec![format!("Too few rounds for a verdict on {name}: measure at least 8.")];
        }
        let parts =
            [Some(speed(name, &baseline.function, &places)), from_size(groups, index), cost(costs, index, currency)];
        parts.into_iter().flatten().collect()
    };
    functions.iter().map(|function| &function.function).enumerate().skip(1).map(of).collect()
}

/// The places where it is less, where it is more, both with ratios above 1 and the greatest last, and the others.
type Sorted<'a, T> = (Vec<(&'a T, f64)>, Vec<(&'a T, f64)>, Vec<&'a T>);

fn sort<T>(places: &[(T, Verdict)]) -> Sorted<'_, T> {
    let (mut less, mut more, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for (place, verdict) in places {
        match verdict {
            Verdict::Less(ratio) => less.push((place, Interval::inverse(*ratio).median)),
            Verdict::More(ratio) => more.push((place, ratio.median)),
            _ => others.push(place),
        }
    }
    less.sort_by(|one, two| one.1.total_cmp(&two.1));
    more.sort_by(|one, two| one.1.total_cmp(&two.1));
    (less, more, others)
}

fn speed(name: &str, baseline: &str, places: &[(String, Verdict)]) -> String {
    let (faster, slower, others) = sort(places);
    let range = |some: &[(&String, f64)], word: &str| match some {
        [] => None,
        [(place, ratio)] => Some(format!("{}x {word} ({place})", digits(*ratio))),
        [least, .., most] => {
            let ([least, most], [at, up_to]) = ([digits(least.1), digits(most.1)], [least.0, most.0]);
            Some(format!("{least}x {word} ({at}) to {most}x {word} ({up_to})"))
        }
    };
    let all = places.len();
    let (quicker, lazier) = (range(&faster, "faster"), range(&slower, "slower"));
    match (quicker, lazier, others.len()) {
        (Some(words), None, 0) | (None, Some(words), 0) => format!("{name} is {words} than {baseline}, by the median."),
        (None, None, _) if all == 1 => format!("{name} and {baseline} are not distinguishable."),
        (None, None, _) => format!("{name} and {baseline} are not distinguishable in any of the {all} cases."),
        (quicker, lazier, others) => {
            let count = |count: usize, words: String| format!("{words} in {count}");
            let parts = [
                quicker.map(|words| count(faster.len(), words)),
                lazier.map(|words| count(slower.len(), words)),
                (others > 0).then(|| count(others, "not distinguishable".to_owned())),
            ];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            format!("{name} against {baseline}, by the median of {all} cases: {}.", parts.join("; "))
        }
    }
}

/// From what size on, under the first load that has a sweep.
fn from_size(groups: &[Group], function: usize) -> Option<String> {
    let sweeps = crossover::sweeps(groups);
    let (load, sweep) = sweeps.iter().find(|(_, sweep)| sweep.len() > 1)?;
    let crossover = Crossover::of(sweep, function)?;
    // Said already.
    (crossover != Crossover::Always)
        .then(|| format!("By the median latency of calls {load} it is {}.", crossover.words()))
}

/// A plan's name and what it charges.
type Plan = (&'static str, fn(&Cost) -> Option<&Amount>);

/// A payload with the prices of the function and of the baseline.
type Place<'a> = (&'a str, f64, f64);

fn cost(costs: &[Costs], function: usize, currency: &str) -> Option<String> {
    let plans: [Plan; 2] = [
        ("on Azure's Consumption plan", |cost| cost.consumption.as_ref()),
        ("on busy instances of Flex Consumption", |cost| cost.flex_busy.as_ref()),
    ];
    let of = |(plan, amount): Plan| {
        let places: Vec<(Place, Verdict)> = costs
            .iter()
            .filter_map(|costs| {
                let (one, two) = (amount(costs.functions.get(function)?)?, amount(costs.functions.first()?)?);
                Some(((costs.payload.as_str(), one.price, two.price), one.verdict?))
            })
            .collect();
        let (cheaper, dearer, others) = sort(&places);
        let sum = |some: &[(&Place, f64)]| {
            let ((payload, one, two), _) = some.last()?;
            let [one, two] = [one, two].map(|price| digits(*price));
            Some(format!("{one} instead of {two} {currency} ({payload})"))
        };
        let equal = match others.len() {
            0 => None,
            _ if others.len() == places.len() => Some("not distinguishably more or less".to_owned()),
            count => Some(format!("not distinguishably more or less with {count} of {} payloads", places.len())),
        };
        let parts: Vec<String> = [sum(&cheaper), sum(&dearer), equal].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| format!("{plan} {}", parts.join(", ")))
    };
    let plans: Vec<String> = plans.into_iter().filter_map(of).collect();
    (!plans.is_empty()).then(|| format!("A million calls cost: {}.", plans.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::costs;
    use crate::fixture::{cell, results};
    use crate::prices::Prices;
    use crate::summary::groups;

    /// Sizes with the microseconds of both, and the rounds.
    fn said(times: &[(f64, u64, u64)], rounds: usize) -> String {
        let cell = |size: f64, name: &str, micros: u64| {
            let mut cell = cell(name, &format!("p{size}"), micros);
            cell.size = Some(size);
            cell.rounds.iter_mut().for_each(|round| round.memory_peak = Some(100 << 20));
            cell.rounds.truncate(rounds);
            cell
        };
        let cells =
            times.iter().flat_map(|&(size, base, other)| [cell(size, "base", base), cell(size, "other", other)]);
        let results = results(cells.collect());
        let prices = Prices::default();
        sentences(&groups(&results), &costs(&results, &prices), &prices.currency).concat().join(" ")
    }

    #[test]
    fn a_gain_is_said_with_its_range() {
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
    fn a_loss_is_said_as_plainly() {
        let text = said(&[(1.0, 1_000, 2_000), (10.0, 1_000, 1_000), (100.0, 400_000, 100_000)], 8);
        assert!(text.contains("4.00x faster (p100, one at a time) in 1; 2.00x slower (p1, one at a time) in 1"));
        assert!(
            text.contains("not distinguishable in 1. By the median latency of calls one at a time it is faster from"),
            "{text}"
        );
        let text = said(&[(1.0, 100_000, 200_000)], 8);
        assert!(text.starts_with("other is 2.00x slower (p1, one at a time) than base"), "{text}");
        assert!(text.contains("0.60 instead of 0.40 USD (p1)"), "{text}");
    }

    #[test]
    fn nothing_is_said_that_is_not_sure() {
        let text = said(&[(1.0, 1_000, 1_010), (10.0, 1_000, 1_000)], 8);
        assert!(text.starts_with("other and base are not distinguishable in any of the 2 cases."), "{text}");
        assert!(text.contains("it is not distinguishable at any size"), "{text}");
        assert_eq!(said(&[(1.0, 100, 1)], 7), "Too few rounds for a verdict on other: measure at least 8.");
    }
}
