//! What a million calls cost with the last payload, which in a sweep is the largest.

use super::super::svg::Bar;
use super::figure::{Figure, colour, figure_of};
use crate::analysis::cost::{Amount, Cost, Costs};
use crate::analysis::prices::Prices;
use crate::results::units::digits;

/// A plan and its price.
type Plan = (&'static str, fn(&Cost) -> Option<&Amount>);

/// Bars for each plan.
pub fn costs(costs: &[Costs], prices: &Prices) -> Vec<Figure> {
    let Some(last) = costs.last() else { return Vec::new() };
    let plans: [Plan; 2] =
        [("Consumption", |cost| cost.consumption.as_ref()), ("Flex Consumption, busy", |cost| cost.flex_busy.as_ref())];
    let of = |(plan, amount): Plan| {
        let amounts = last.functions.iter().map(|cost| Some(amount(cost)?.price));
        let amounts: Vec<f64> = amounts.collect::<Option<_>>().unwrap_or_default();
        let most = amounts.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let bar = |(index, (price, cost)): (usize, (f64, &Cost))| Bar {
            colour: colour(index),
            share: price / most,
            name: cost.function.clone(),
            text: format!("{} {}", digits(price), prices.currency),
        };
        let bars: Vec<Bar> = amounts.into_iter().zip(&last.functions).enumerate().map(bar).collect();
        let group = [(last.payload.clone(), bars)];
        figure_of(plan, if group[0].1.is_empty() { &[] } else { &group }, "For a million calls.")
    };
    plans.into_iter().filter_map(of).collect()
}
