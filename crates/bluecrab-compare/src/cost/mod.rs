//! What a million calls cost on Azure's Consumption and Flex Consumption plans, from the time and memory measured.

mod words;

pub use words::{CONSUMPTION, FLEX, assumptions, hidden, rows};

use crate::histogram::Latencies;
use crate::prices::{Consumption, Flex, Prices, Size};
use crate::results::{Cell, Results, Round};
use crate::scenario::Load;
use crate::statistics::Verdict;
use crate::summary::per_round;
use crate::watch;

const MILLION: f64 = 1e6;
const MB: f64 = 1024.0 * 1024.0;

/// One payload's costs, the baseline's first.
#[derive(Debug, Clone)]
pub struct Costs {
    pub payload: String,
    /// Under which load a call's time and memory were measured.
    pub single: Load,
    /// Under which load the calls a second were measured.
    pub busy: Option<Load>,
    pub functions: Vec<Cost>,
}

/// What a function costs with a payload.
#[derive(Debug, Clone)]
pub struct Cost {
    pub function: String,
    /// What Consumption bills of a call, in seconds, on the average.
    pub seconds: f64,
    /// And of memory, in MB.
    pub memory: Option<f64>,
    pub consumption: Option<Amount>,
    /// The size of the instances of Flex Consumption.
    pub instance: Option<Size>,
    /// Instances that always have calls.
    pub flex_busy: Option<Amount>,
    /// Calls far apart, each of which wakes an instance.
    pub flex_single: Option<Amount>,
    /// Every call is shorter than what is billed at least on Consumption.
    pub below_minimum: bool,
    /// Its latency against the baseline's.
    pub latency: Option<Verdict>,
}

/// The price of a million calls.
#[derive(Debug, Clone)]
pub struct Amount {
    pub price: f64,
    /// In each round.
    rounds: Vec<f64>,
    /// Against the baseline's; nothing for the baseline.
    pub verdict: Option<Verdict>,
}

impl Amount {
    /// Rounds with how many calls they had.
    fn of(rounds: Option<Vec<f64>>, cell: &Cell) -> Option<Self> {
        let rounds = rounds?;
        let calls = cell.rounds.iter().map(|round| round.latencies.calls() as f64);
        let all: f64 = calls.clone().sum();
        let price = rounds.iter().zip(calls).map(|(price, calls)| price * calls).sum::<f64>() / all;
        (all > 0.0).then_some(Self { price, rounds, verdict: None })
    }

    fn compare(&mut self, baseline: &Self) {
        self.verdict = Some(Verdict::of(&self.rounds, &baseline.rounds));
    }
}

/// The costs of each payload that has a load in which calls do not wait for one another.
pub fn costs(results: &Results, prices: &Prices) -> Vec<Costs> {
    let mut payloads: Vec<&str> = Vec::new();
    for cell in &results.cells {
        if !payloads.contains(&cell.payload.as_str()) {
            payloads.push(&cell.payload);
        }
    }
    payloads.into_iter().filter_map(|payload| costs_of(results, payload, prices)).collect()
}

fn costs_of(results: &Results, payload: &str, prices: &Prices) -> Option<Costs> {
    let groups = results.groups().into_iter().filter(|group| group[0].payload == payload);
    let single = groups.clone().min_by(|one, two| busyness(one[0].load).total_cmp(&busyness(two[0].load)))?;
    let closed = groups.filter_map(|group| match group[0].load {
        Load::Closed(callers) => Some((callers, group)),
        Load::Open(_) => None,
    });
    let busy = closed.max_by_key(|(callers, _)| *callers).map(|(_, group)| group);
    if matches!(single[0].load, Load::Closed(2..)) {
        return None;
    }
    let baseline_latency = per_round(&single[0], Latencies::median)?;
    let mut functions: Vec<Cost> = Vec::new();
    for (index, cell) in single.iter().enumerate() {
        let mut cost = cost(cell, busy.and_then(|group| group.get(index)), prices)?;
        if let Some(baseline) = functions.first() {
            let latency = per_round(cell, Latencies::median)?;
            cost.latency = Some(Verdict::of(&latency, &baseline_latency));
            for (one, two) in [
                (&mut cost.consumption, &baseline.consumption),
                (&mut cost.flex_busy, &baseline.flex_busy),
                (&mut cost.flex_single, &baseline.flex_single),
            ] {
                if let Some((one, two)) = one.as_mut().zip(two.as_ref()) {
                    one.compare(two);
                }
            }
        }
        functions.push(cost);
    }
    let busy = busy.map(|group| group[0].load);
    Some(Costs { payload: payload.to_owned(), single: single[0].load, busy, functions })
}

/// One caller first, then calls at fixed times, the fewest first, then callers that wait for one another.
fn busyness(load: Load) -> f64 {
    match load {
        Load::Closed(1) => 0.0,
        Load::Open(rate) => rate,
        Load::Closed(callers) => 1e12 + callers as f64,
    }
}

fn cost(single: &Cell, busy: Option<&Cell>, prices: &Prices) -> Option<Cost> {
    let Prices { consumption, flex, .. } = prices;
    let mut latencies = Latencies::default();
    single.rounds.iter().for_each(|round| latencies.add(&round.latencies));
    let peaks = single.rounds.iter().chain(busy.iter().flat_map(|cell| &cell.rounds));
    let instance = flex.instance(peaks.filter_map(|round| round.memory_peak).max().unwrap_or(0));
    let memory: Option<Vec<f64>> = single.rounds.iter().map(|round| billed_mb(round, consumption)).collect();
    let on_consumption = |round: &Round| {
        let seconds = billed_seconds(&round.latencies, consumption.minimum_ms, consumption.step_ms)?;
        let gb_seconds = seconds * billed_mb(round, consumption)? / 1024.0;
        Some(MILLION * gb_seconds * consumption.gb_second + consumption.million_executions)
    };
    let on_flex = |seconds: f64| Some(flex_price(seconds, instance?, flex));
    let alone = |round: &Round| on_flex(billed_seconds(&round.latencies, flex.minimum_ms, flex.step_ms)?);
    let busily = |round: &Round| on_flex(busy_seconds(round, instance?));
    Some(Cost {
        function: single.function.clone(),
        seconds: billed_seconds(&latencies, consumption.minimum_ms, consumption.step_ms)?,
        memory: memory.map(|memory| memory.iter().sum::<f64>() / memory.len() as f64),
        consumption: Amount::of(single.rounds.iter().map(on_consumption).collect(), single),
        instance,
        flex_busy: busy.and_then(|busy| Amount::of(busy.rounds.iter().map(busily).collect(), busy)),
        flex_single: Amount::of(single.rounds.iter().map(alone).collect(), single),
        below_minimum: latencies.slowest()? * 1e3 <= consumption.minimum_ms,
        latency: None,
    })
}

/// A million calls that each keep an instance for so long.
fn flex_price(seconds: f64, instance: Size, flex: &Flex) -> f64 {
    MILLION * seconds * instance.mb / 1024.0 * flex.gb_second + flex.million_executions
}

/// What is billed of a call on the average: each is rounded up to a whole step, and counts for no less than the
/// minimum.
fn billed_seconds(latencies: &Latencies, minimum_ms: f64, step_ms: f64) -> Option<f64> {
    let rounded = |milliseconds: f64| ((milliseconds / step_ms).ceil() * step_ms).max(minimum_ms);
    let billed = |(nanoseconds, times): (u64, u64)| rounded(nanoseconds as f64 / 1e6) * times as f64;
    let calls = latencies.calls();
    (calls > 0).then(|| latencies.pairs().map(billed).sum::<f64>() / calls as f64 / 1e3)
}

/// The mean memory of a round, or where it is not known that of the points that were kept or the most of it, as it is rounded
/// up.
fn billed_mb(round: &Round, consumption: &Consumption) -> Option<f64> {
    let peak = round.memory_peak.map(|bytes| bytes as f64);
    let bytes = round.memory_mean.or_else(|| watch::mean(&round.memory)).or(peak)?;
    let step = consumption.memory_step_mb;
    Some(((bytes / MB / step).ceil().max(1.0) * step).min(consumption.memory_most_mb))
}

/// How long an instance with calls all the time needs for one: as this machine did, or as its cores allow.
fn busy_seconds(round: &Round, instance: Size) -> f64 {
    let calls = round.latencies.calls() as f64;
    let processor = round.cpu_seconds.map_or(0.0, |cpu| cpu / calls / instance.cores);
    processor.max(round.seconds / calls)
}

#[cfg(test)]
mod tests;
