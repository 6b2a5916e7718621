//! Throughput, against the number of callers where there are several, and processor time.

use super::super::svg::{Axis, Series, lines};
use super::{Figure, best, colour, key_of, share_of_longest};
use crate::analysis::summary::Group;
use crate::results::units::digits;
use crate::scenario::Load;

/// Calls a second: lines for a payload with several numbers of callers, bars for the others.
pub fn throughput(groups: &[Group]) -> Vec<Figure> {
    let mut payloads: Vec<(&str, Vec<(usize, &Group)>)> = Vec::new();
    for group in groups {
        let Load::Closed(callers) = group.load else { continue };
        match payloads.iter_mut().find(|(payload, _)| *payload == group.payload) {
            Some((_, loads)) => loads.push((callers, group)),
            None => payloads.push((&group.payload, vec![(callers, group)])),
        }
    }
    payloads.iter_mut().for_each(|(_, loads)| loads.sort_by_key(|(callers, _)| *callers));
    let (several, single): (Vec<_>, Vec<_>) = payloads.into_iter().partition(|(_, loads)| loads.len() > 1);
    let mut figures: Vec<Figure> = several.iter().map(|(payload, loads)| against_callers(payload, loads)).collect();
    let single: Vec<&Group> = single.iter().flat_map(|(_, loads)| loads).map(|(_, group)| *group).collect();
    let text = |rate: f64| format!("{} /s", digits(rate));
    figures.extend(share_of_longest("Calls a second", &single, |function| Some(function.rate), text));
    figures
}

fn against_callers(payload: &str, loads: &[(usize, &Group)]) -> Figure {
    let callers: Vec<f64> = loads.iter().map(|(callers, _)| *callers as f64).collect();
    let rates = loads.iter().flat_map(|(_, group)| group.functions.iter().map(|function| function.rate));
    let x = Axis::at("callers", &callers);
    let y = Axis::linear("calls a second", rates.fold(0.0, f64::max));
    let functions = loads.first().map_or(0, |(_, group)| group.functions.len());
    let line = |index: usize| {
        let point =
            |(callers, group): &(usize, &Group)| Some(((*callers as f64).log10(), group.functions.get(index)?.rate));
        Series { colour: colour(index), points: loads.iter().filter_map(point).collect(), dots: true }
    };
    let series: Vec<Series> = (0..functions).map(line).collect();
    let words = (0..functions).filter_map(|index| {
        let name = &loads.first()?.1.functions[index].function;
        let rates = loads.iter().filter_map(|(callers, group)| {
            let callers = if *callers == 1 { "1 caller".to_owned() } else { format!("{callers} callers") };
            Some(format!("{} with {callers}", digits(group.functions.get(index)?.rate)))
        });
        Some(format!("{name}: {}.", rates.collect::<Vec<_>>().join(", ")))
    });
    let most = loads.last().and_then(|(callers, group)| {
        let one = best(&group.functions, |function| Some(function.rate))?;
        Some(format!("Most with {callers} callers: {}, {}.", digits(one.rate), one.function))
    });
    let words: Vec<String> = most.into_iter().chain(words).collect();
    let title = format!("Calls a second against callers: {payload}");
    let svg = lines((&title, &words.join(" ")), &x, &y, &series, &[]);
    Figure { heading: payload.to_owned(), key: key_of(loads.first().map(|(_, group)| *group)), svg, words }
}

/// The worker's processor time.
pub fn processor(groups: &[Group]) -> Vec<Figure> {
    let all = groups.iter().collect::<Vec<_>>();
    share_of_longest(
        "Processor seconds for 1000 calls",
        &all,
        |function| function.cpu,
        |cpu| format!("{} s", digits(cpu)),
    )
}
