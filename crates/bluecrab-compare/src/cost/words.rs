//! What stands beside the costs.

use super::{Amount, Cost, Costs};
use crate::prices::Prices;
use crate::statistics::{Verdict, digits};

/// Everything that the figures assume.
pub fn assumptions(costs: &[Costs], prices: &Prices) -> Vec<String> {
    let Prices { as_of, region, currency, source, consumption, flex } = prices;
    let Some(first) = costs.first() else { return Vec::new() };
    let mut instances: Vec<String> = Vec::new();
    for size in costs.iter().flat_map(|costs| &costs.functions).filter_map(|cost| cost.instance) {
        let cores = if size.cores == 1.0 { "1 core".to_owned() } else { format!("{} cores", size.cores) };
        let size = format!("{} MB ({cores})", size.mb);
        if !instances.contains(&size) {
            instances.push(size);
        }
    }
    let busy = first.busy.map_or("that load".to_owned(), |load| load.to_string());
    vec![
        format!(
            "Prices are {currency} for a million calls, {region}, as of {as_of}. This program cannot verify them: check \
             {source}, and give your own list by --prices."
        ),
        format!(
            "The free grants of a month are not deducted ({} calls and {} GB-s on Consumption, {} and {} on Flex \
             Consumption); storage, logs and traffic are not in it.",
            thousands(consumption.free_executions),
            thousands(consumption.free_gb_seconds),
            thousands(flex.free_executions),
            thousands(flex.free_gb_seconds)
        ),
        format!(
            "Consumption: the latency of each call ({}), rounded up to {} ms and at least {} ms, times the worker's resident \
             memory in that time, rounded up to {} MB, at most {} MB. The latency is the client's, so a little more than \
             Azure counts; the worker has served all payloads before; Azure's own processes are not in its memory.",
            first.single,
            consumption.step_ms,
            consumption.minimum_ms,
            consumption.memory_step_mb,
            consumption.memory_most_mb
        ),
        format!(
            "Flex, busy: on-demand instances of {} that always have calls. Each answers as many a second as this machine \
             did ({busy}), but no more than its cores allow by the worker's processor time.",
            instances.join(" or ")
        ),
        format!(
            "Flex, single: calls so far apart that an instance wakes for each, for which at least {} ms are billed; \
             longer times are rounded up to {} ms.",
            flex.minimum_ms, flex.step_ms
        ),
        "A core in Azure is not one of this machine: the ratios carry over better than the sums.".to_owned(),
    ]
}

/// Where the minimum time hides a difference, in a sentence; functions with the same payloads stand together.
pub fn hidden(costs: &[Costs], prices: &Prices) -> Option<String> {
    let minimum = prices.consumption.minimum_ms;
    let functions = costs.iter().map(|costs| costs.functions.len()).max().unwrap_or(0);
    let mut hidden: Vec<(String, Vec<&str>)> = Vec::new();
    for index in 1..functions {
        let (mut name, mut payloads) = ("", Vec::new());
        for costs in costs {
            let (Some(baseline), Some(cost)) = (costs.functions.first(), costs.functions.get(index)) else { continue };
            let differs = matches!(cost.latency, Some(Verdict::Less(_) | Verdict::More(_)));
            if baseline.below_minimum && cost.below_minimum && differs {
                name = &cost.function;
                payloads.push(costs.payload.as_str());
            }
        }
        let payloads = payloads.join(", ");
        match hidden.iter_mut().find(|(known, _)| *known == payloads) {
            _ if payloads.is_empty() => {}
            Some((_, names)) => names.push(name),
            None => hidden.push((payloads, vec![name])),
        }
    }
    let baseline = &costs.first()?.functions.first()?.function;
    let cases: Vec<String> =
        hidden.iter().map(|(payloads, names)| format!("{} with {payloads}", names.join(", "))).collect();
    (!cases.is_empty()).then(|| {
        format!(
            "{}: the times differ from those of {baseline}, but all calls are shorter than the {minimum} ms that Consumption \
             bills at least. On that plan the time makes no difference to the bill, only memory may.",
            cases.join("; ")
        )
    })
}

/// The columns of Consumption.
pub const CONSUMPTION: [&str; 6] = ["payload", "function", "billed ms", "billed MB", "a million", "against baseline"];
/// The columns of Flex Consumption.
pub const FLEX: [&str; 6] = ["payload", "function", "instance MB", "busy", "against baseline", "single"];

/// The rows of both.
pub fn rows(costs: &[Costs]) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    let unknown = || "?".to_owned();
    let price = |amount: &Option<Amount>| amount.as_ref().map_or_else(unknown, |amount| digits(amount.price));
    let verdict = |amount: &Option<Amount>, index| match amount.as_ref().and_then(|amount| amount.verdict) {
        Some(verdict) => verdict.words("cheaper", "dearer"),
        None if index == 0 => "baseline".to_owned(),
        None => unknown(),
    };
    let row = |costs: &Costs, index: usize, cost: &Cost| {
        let place = [costs.payload.clone(), cost.function.clone()];
        let consumption = [
            digits(cost.seconds * 1e3),
            cost.memory.map_or_else(unknown, |memory| format!("{memory:.0}")),
            price(&cost.consumption),
            verdict(&cost.consumption, index),
        ];
        let flex = [
            cost.instance.map_or_else(unknown, |size| size.mb.to_string()),
            price(&cost.flex_busy),
            verdict(&cost.flex_busy, index),
            price(&cost.flex_single),
        ];
        ([&place[..], &consumption].concat(), [&place[..], &flex].concat())
    };
    let all = costs
        .iter()
        .flat_map(|costs| costs.functions.iter().enumerate().map(move |(index, cost)| (costs, index, cost)));
    all.map(|(costs, index, cost)| row(costs, index, cost)).unzip()
}

/// A number with commas.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_have_commas() {
        assert_eq!([0, 999, 1000, 250_000, 1_000_000].map(super::thousands).join(" "), "0 999 1,000 250,000 1,000,000");
    }
}
