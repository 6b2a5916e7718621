//! What calls cost, by the prices of a list.

use super::Measured;
use super::text::table;
use crate::cost::{self, CONSUMPTION, FLEX};
use crate::prices::Prices;

/// The tables of scenarios, and what they assume, which is the same for all of them but for the load.
pub fn section(all: &[&Measured], prices: &Prices) -> String {
    let mut section = String::new();
    let mut assumed: Vec<String> = Vec::new();
    for measured in all {
        let costs = cost::costs(&measured.results, prices);
        let (consumption, flex) = cost::rows(&costs);
        if costs.is_empty() {
            continue;
        }
        section += &format!("{}, on Consumption:\n\n{}\n", measured.results.title, tabled(&CONSUMPTION, &consumption));
        section += &format!("On Flex Consumption:\n\n{}\n", tabled(&FLEX, &flex));
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

fn tabled(head: &[&str], rows: &[Vec<String>]) -> String {
    table(&head.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), 2, rows)
}
