//! The plots of bars: throughput, processor time, memory, cold starts and costs.

use super::super::svg::Bar;
use super::figure::{Figure, colour, figure_of, scaled, share_of_longest};
use crate::analysis::cost::{Cost, Costs, Plan};
use crate::analysis::prices::Prices;
use crate::analysis::summary::{ColdStarts, Group, Summary};
use crate::results::units::{digits, megabytes};
use crate::scenario::Load;

/// Draws for each plan what a million calls cost with the last payload, which in a sweep is the largest.
pub fn costs(costs: &[Costs], prices: &Prices) -> Vec<Figure> {
    let Some(last) = costs.last() else { return Vec::new() };
    let plans: [Plan; 2] =
        [("Consumption", |cost| cost.consumption.as_ref()), ("Flex Consumption, busy", |cost| cost.flex_busy.as_ref())];
    let of = |(plan, amount): Plan| {
        let price = |(index, cost): (usize, &Cost)| Some((index, cost.function.clone(), amount(cost)?.price));
        let prices_of = last.functions.iter().enumerate().map(price).collect::<Option<_>>()?;
        let bars = scaled(prices_of, |price| format!("{} {}", digits(price), prices.currency));
        figure_of(plan, &[(last.payload.clone(), bars)], "For a million calls.")
    };
    plans.into_iter().filter_map(of).collect()
}

/// The worker's memory: before the first call, the most of all rounds, and after the last one.
pub fn memory(groups: &[Group], start: &[Option<u64>]) -> Option<Figure> {
    let functions = groups.first().map_or(&[][..], |group| &group.functions[..]);
    let all = |index: usize| groups.iter().filter_map(move |group| group.functions.get(index));
    let peak = |index: usize| all(index).filter_map(|function| function.memory_peak).max();
    let last = |index: usize| all(index).filter_map(|function| function.memory_after).next_back();
    let longest = (0..functions.len()).filter_map(peak).max().unwrap_or(1) as f64;
    let bar = |index: usize, bytes: Option<u64>, name: &str| {
        let text = format!("{} MB", megabytes(bytes?));
        Some(Bar { colour: colour(index), share: bytes? as f64 / longest, name: name.to_owned(), text })
    };
    let of = |(index, function): (usize, &Summary)| {
        let before = bar(index, start.get(index).copied().flatten(), "at the start");
        let bars: Vec<Bar> = [before, bar(index, peak(index), "at most"), bar(index, last(index), "at the end")]
            .into_iter()
            .flatten()
            .collect();
        (!bars.is_empty()).then(|| (function.function.clone(), bars))
    };
    let bars_of: Vec<(String, Vec<Bar>)> = functions.iter().enumerate().filter_map(of).collect();
    figure_of(
        "Resident memory of the worker",
        &bars_of,
        "Each function has a worker of its own, with the whole app in it.",
    )
}

/// Draws a bar for the median start of each function, with a sentence about each function.
pub fn starts(all: &[ColdStarts]) -> Vec<Figure> {
    let medians = all.iter().map(|starts| (starts.function, starts.name.clone(), starts.median)).collect();
    let bars = [(String::new(), scaled(medians, |median| format!("{} s", digits(median))))];
    let figure = figure_of("Seconds to the first answer", if all.is_empty() { &[] } else { &bars }, "");
    let words: Vec<String> = all.iter().map(ColdStarts::words).collect();
    figure.map(|figure| Figure { words, ..figure }).into_iter().collect()
}

/// Calls a second of every closed load. The throughput of an open loop is the rate that was asked for.
pub fn throughput(groups: &[Group]) -> Vec<Figure> {
    let closed: Vec<&Group> = groups.iter().filter(|group| matches!(group.load, Load::Closed(_))).collect();
    share_of_longest("Calls a second", &closed, |function| Some(function.rate), |rate| format!("{} /s", digits(rate)))
}

/// Draws the worker's processor time.
pub fn processor(groups: &[Group]) -> Vec<Figure> {
    let all = groups.iter().collect::<Vec<_>>();
    share_of_longest(
        "Processor seconds for 1000 calls",
        &all,
        |function| function.cpu,
        |cpu| format!("{} s", digits(cpu)),
    )
}
