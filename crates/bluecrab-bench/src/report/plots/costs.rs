//! What a million calls cost with the last payload, which in a sweep is the largest.

use super::figure::{Figure, figure_of, scaled};
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
        let price = |(index, cost): (usize, &Cost)| Some((index, cost.function.clone(), amount(cost)?.price));
        let prices_of = last.functions.iter().enumerate().map(price).collect::<Option<_>>()?;
        let bars = scaled(prices_of, |price| format!("{} {}", digits(price), prices.currency));
        figure_of(plan, &[(last.payload.clone(), bars)], "For a million calls.")
    };
    plans.into_iter().filter_map(of).collect()
}
