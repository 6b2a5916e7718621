//! What calls cost, by the prices of a list.

use super::Measured;
use super::text::{code, short, table};
use crate::cost::{self, Amount, CONSUMPTION, Costs, FLEX};
use crate::prices::Prices;
use crate::statistics::digits;

/// Of the baseline and the hero, a row for each payload.
pub fn brief(measured: &Measured, prices: &Prices) -> String {
    let costs = cost::costs(&measured.results, prices);
    let Some(hero) = measured.hero().filter(|_| !costs.is_empty()) else { return String::new() };
    let names = [0, hero].map(|index| code(&measured.results.functions[index].name));
    let mut head = vec![format!("{} a million", prices.currency)];
    for plan in ["Consumption", "Flex, busy"] {
        head.extend(names.iter().map(|name| format!("{plan}: {name}")));
        head.push(format!("{} is", names[1]));
    }
    let amounts = |baseline: &Option<Amount>, ours: &Option<Amount>| {
        let price = |amount: &Option<Amount>| amount.as_ref().map_or("?".to_owned(), |amount| digits(amount.price));
        let verdict = ours.as_ref().and_then(|amount| amount.verdict);
        [price(baseline), price(ours), short(verdict, "cheaper", "dearer")]
    };
    let row = |costs: &Costs| {
        let (baseline, ours) = (&costs.functions[0], costs.functions.get(hero)?);
        let consumption = amounts(&baseline.consumption, &ours.consumption);
        let flex = amounts(&baseline.flex_busy, &ours.flex_busy);
        Some([&[costs.payload.clone()][..], &consumption, &flex].concat())
    };
    let rows: Vec<Vec<String>> = costs.iter().filter_map(row).collect();
    format!(
        "{}, by the prices of {} as of {}. Consumption bills each call; busy are instances of Flex Consumption that always \
        have calls.\n\n{}\n{}",
        measured.results.title,
        prices.region,
        prices.as_of,
        table(&head, 1, &rows),
        cost::hidden(&costs, prices).unwrap_or_default()
    )
}

/// The tables of scenarios, and what they assume, which is the same for all of them but for the load.
pub fn details(all: &[&Measured], prices: &Prices) -> String {
    let mut section = String::new();
    let mut assumed: Vec<String> = Vec::new();
    for measured in all {
        let costs = cost::costs(&measured.results, prices);
        if costs.is_empty() {
            continue;
        }
        section += &format!("{}:\n\n{}\n", measured.results.title, both(&costs));
        section.extend(cost::hidden(&costs, prices).iter().map(|sentence| format!("{sentence}\n\n")));
        for assumption in cost::assumptions(&costs, prices) {
            if !assumed.contains(&assumption) {
                assumed.push(assumption);
            }
        }
    }
    section.extend(assumed.iter().map(|assumption| format!("- {assumption}\n")));
    section
}

/// Both plans in one table.
fn both(costs: &[Costs]) -> String {
    let (consumption, flex) = cost::rows(costs);
    let head = CONSUMPTION.iter().chain(&FLEX[2..]).map(|name| match *name {
        "a million" => "Consumption".to_owned(),
        "busy" | "single" => format!("Flex, {name}"),
        other => other.to_owned(),
    });
    let rows = consumption.into_iter().zip(flex).map(|(consumption, flex)| [&consumption[..], &flex[2..]].concat());
    table(&head.collect::<Vec<_>>(), 2, &rows.collect::<Vec<_>>())
}
