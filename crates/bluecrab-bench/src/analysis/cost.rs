//! What a million calls cost on two plans of Azure Functions, from the time and memory measured.

use super::prices::{Consumption, Flex, Prices, Size};
use super::statistics::Verdict;
use super::summary::{Summary, by_payload};
use crate::results::units::{distinct, thousands};
use crate::results::{Latencies, Measurement, Results, Round};
use crate::scenario::{FEWEST_CALLS, Load};

const MILLION: f64 = 1e6;
const MB: f64 = 1024.0 * 1024.0;

/// The costs of one payload, the baseline's first.
#[derive(Debug, Clone)]
pub struct Costs {
    pub payload: String,
    /// The load under which a call's time and memory were measured.
    pub single: Load,
    /// The load under which the calls a second were measured.
    pub busy: Option<Load>,
    pub functions: Vec<Cost>,
}

/// What a function costs with a payload.
#[derive(Debug, Clone)]
pub struct Cost {
    pub function: String,
    /// The time that Consumption bills for a call on average, in seconds.
    pub seconds: f64,
    /// The memory that Consumption bills on average, in MB.
    pub memory: Option<f64>,
    pub consumption: Option<Amount>,
    /// The size of Flex Consumption's instances.
    pub instance: Option<Size>,
    /// The price on Flex Consumption if instances always have calls.
    pub flex_busy: Option<Amount>,
    /// The price on Flex Consumption if calls are so far apart that each starts an instance.
    pub flex_single: Option<Amount>,
    /// Whether every call is shorter than the least time that Consumption bills.
    pub below_minimum: bool,
    /// The function's latency compared with the baseline's.
    pub latency: Option<Verdict>,
}

/// A plan's name and its price.
pub type Plan = (&'static str, fn(&Cost) -> Option<&Amount>);

/// The price of a million calls.
#[derive(Debug, Clone)]
pub struct Amount {
    pub price: f64,
    /// The price in each round, and the calls of all rounds.
    rounds: Vec<f64>,
    calls: u64,
    /// How the price compares with the baseline's.
    pub verdict: Option<Verdict>,
}

impl Amount {
    /// Takes the price of each round, and calculates the mean over the calls of all rounds.
    fn new(rounds: Option<Vec<f64>>, measurement: &Measurement) -> Option<Self> {
        let rounds = rounds?;
        let calls = measurement.rounds.iter().map(|round| round.latencies.calls() as f64);
        let all: f64 = calls.clone().sum();
        let price = rounds.iter().zip(calls).map(|(price, calls)| price * calls).sum::<f64>() / all;
        (all > 0.0).then_some(Self { price, rounds, calls: all as u64, verdict: None })
    }

    fn against(&self, other: &Self) -> Verdict {
        if self.calls.min(other.calls) < FEWEST_CALLS {
            return Verdict::TooFewCalls;
        }
        Verdict::new(&self.rounds, &other.rounds)
    }
}

/// The costs of each payload with a load in which calls do not wait for each other.
pub fn costs(results: &Results, prices: &Prices) -> Vec<Costs> {
    let groups = results.groups();
    let chosen = by_payload(&groups, |group| &group[0].payload, |group| group[0].load);
    chosen.into_iter().filter_map(|loads| costs_of(loads.single, loads.busy.copied(), prices)).collect()
}

fn costs_of(single: &[Measurement], busy: Option<&[Measurement]>, prices: &Prices) -> Option<Costs> {
    // With a single closed load, one measurement serves both plans.
    let is_closed = matches!(single[0].load, Load::Closed(_));
    let busy = busy.or(is_closed.then_some(single));
    if matches!(single[0].load, Load::Closed(2..)) {
        return None;
    }
    let baseline_latency = Summary::new(&single[0]);
    let mut functions: Vec<Cost> = Vec::new();
    for (index, measurement) in single.iter().enumerate() {
        let mut cost = cost(measurement, busy.and_then(|group| group.get(index)), prices)?;
        if let Some(baseline) = functions.first() {
            cost.latency = Some(Summary::new(measurement).latency_against(&baseline_latency));
            for (one, two) in [
                (&mut cost.consumption, &baseline.consumption),
                (&mut cost.flex_busy, &baseline.flex_busy),
                (&mut cost.flex_single, &baseline.flex_single),
            ] {
                if let Some((one, two)) = one.as_mut().zip(two.as_ref()) {
                    one.verdict = Some(one.against(two));
                }
            }
        }
        functions.push(cost);
    }
    let busy = busy.map(|group| group[0].load);
    Some(Costs { payload: single[0].payload.clone(), single: single[0].load, busy, functions })
}

fn cost(single: &Measurement, busy: Option<&Measurement>, prices: &Prices) -> Option<Cost> {
    let Prices { consumption, flex, .. } = prices;
    let latencies = Latencies::sum(single.rounds.iter().map(|round| &round.latencies));
    let rounds = single.rounds.iter().chain(busy.iter().flat_map(|busy| &busy.rounds));
    let peaks = rounds.filter_map(|round| Some(round.memory_peak? + round.host_memory.unwrap_or(0)));
    let instance = flex.instance(peaks.max().unwrap_or(0));
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
        consumption: Amount::new(single.rounds.iter().map(on_consumption).collect(), single),
        instance,
        flex_busy: busy.and_then(|busy| Amount::new(busy.rounds.iter().map(busily).collect(), busy)),
        flex_single: Amount::new(single.rounds.iter().map(alone).collect(), single),
        below_minimum: latencies.slowest()? * 1e3 <= consumption.minimum_ms,
        latency: None,
    })
}

/// The price of a million calls if each occupies an instance for this time.
fn flex_price(seconds: f64, instance: Size, flex: &Flex) -> f64 {
    MILLION * seconds * instance.mb / 1024.0 * flex.gb_second + flex.million_executions
}

/// The billed time of a call on average: each call is rounded up to a whole step, and to the minimum.
fn billed_seconds(latencies: &Latencies, minimum_ms: f64, step_ms: f64) -> Option<f64> {
    let rounded = |milliseconds: f64| ((milliseconds / step_ms).ceil() * step_ms).max(minimum_ms);
    let billed = |(nanoseconds, times): (u64, u64)| rounded(nanoseconds as f64 / 1e6) * times as f64;
    let calls = latencies.calls();
    (calls > 0).then(|| latencies.pairs().map(billed).sum::<f64>() / calls as f64 / 1e3)
}

/// The worker's mean memory in a round, or its peak if the mean is unknown, with the host's, rounded up.
fn billed_mb(round: &Round, consumption: &Consumption) -> Option<f64> {
    let worker = round.memory_mean.or(round.memory_peak.map(|bytes| bytes as f64))?;
    let bytes = worker + round.host_memory.unwrap_or(0) as f64;
    let step = consumption.memory_step_mb;
    Some(((bytes / MB / step).ceil().max(1.0) * step).min(consumption.memory_most_mb))
}

/// Returns how many seconds a busy instance needs for a call: as long as this machine, or longer if the instance's
/// cores have less processor time than host and worker used.
fn busy_seconds(round: &Round, instance: Size) -> f64 {
    let calls = round.latencies.calls() as f64;
    let processor = (round.cpu_seconds.unwrap_or(0.0) + round.host_cpu_seconds.unwrap_or(0.0)) / calls / instance.cores;
    processor.max(round.seconds / calls)
}

/// Says what the figures assume.
pub fn assumptions(costs: &[Costs], prices: &Prices) -> Vec<String> {
    let Prices { as_of, region, currency, source, consumption, flex } = prices;
    let Some(first) = costs.first() else { return Vec::new() };
    let sizes = costs.iter().flat_map(|costs| &costs.functions).filter_map(|cost| cost.instance);
    let described =
        |size: Size| format!("{} MB ({} core{})", size.mb, size.cores, if size.cores == 1.0 { "" } else { "s" });
    let instances = distinct(sizes.map(described));
    let busy = first.busy.map_or("that load".to_owned(), |load| load.to_string());
    vec![
        format!(
            "Prices are {currency} for a million calls, {region}, as of {as_of}. This program cannot verify them: \
             check {source}, and pass your own list with --prices."
        ),
        format!(
            "The free grants of a month are not deducted ({} calls and {} GB-s on Consumption, {} and {} on Flex \
             Consumption). Storage, logs and traffic are not included.",
            thousands(consumption.free_executions),
            thousands(consumption.free_gb_seconds),
            thousands(flex.free_executions),
            thousands(flex.free_gb_seconds)
        ),
        format!(
            "Consumption bills the latency of each call ({}), rounded up to {} ms and at least {} ms, times the \
             resident memory of the worker and the local host, rounded up to {} MB, at most {} MB. The latency is the \
             client's, a little more than Azure counts. Azure's own host needs other memory and processor time than \
             the local host.",
            first.single,
            consumption.step_ms,
            consumption.minimum_ms,
            consumption.memory_step_mb,
            consumption.memory_most_mb
        ),
        format!(
            "Flex, busy: instances of {} that always have calls. Each answers as many a second as this machine did \
             ({busy}), but no more than its cores allow by the processor time of worker and host.",
            instances.join(" or ")
        ),
        format!(
            "Flex, single: each call wakes an instance and is billed at least {} ms; longer times are rounded up to \
             {} ms.",
            flex.minimum_ms, flex.step_ms
        ),
        "A core in Azure is not a core of this machine: trust the ratios more than the sums.".to_owned(),
    ]
}

/// Returns a sentence if a minimum hides a difference in time from the bill.
pub fn hidden(costs: &[Costs], prices: &Prices) -> Option<String> {
    let minimum = prices.consumption.minimum_ms;
    let baseline = costs.first()?.functions.first()?.function.clone();
    let hidden = |costs: &Costs| {
        let (baseline, others) = costs.functions.split_first()?;
        let differs =
            |cost: &&Cost| cost.below_minimum && cost.latency.is_some_and(|latency| latency.factor().is_some());
        let names: Vec<&str> = others.iter().filter(differs).map(|cost| cost.function.as_str()).collect();
        (baseline.below_minimum && !names.is_empty()).then(|| format!("{} with {}", names.join(", "), costs.payload))
    };
    let cases: Vec<String> = costs.iter().filter_map(hidden).collect();
    (!cases.is_empty()).then(|| {
        format!(
            "{}: the times differ from those of {baseline}, but all calls are shorter than the {minimum} ms that \
             Consumption bills at least. On that plan only memory changes the bill.",
            cases.join("; ")
        )
    })
}

#[cfg(test)]
mod tests;
