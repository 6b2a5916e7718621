//! Where a call's time goes: a bar for each function and payload, as long as the call.

use super::super::svg::{Part, Stack, stacks};
use super::figure::Figure;
use crate::analysis::stages::{Breakdown, OUTSIDE, names};
use crate::results::Results;
use crate::results::units::milliseconds;
use maud::html;

/// How many colours the style has for stages.
const COLOURS: usize = 8;

/// Returns the CSS class of a stage's colour.
fn colour(names: &[String], name: &str) -> usize {
    names.iter().position(|other| other == name).map_or(COLOURS, |place| place % COLOURS)
}

fn stack(one: &Breakdown, names: &[String]) -> Stack {
    let whole = one.sum();
    let parts = one.stages.iter().map(|(name, seconds)| Part {
        colour: colour(names, name),
        share: if whole > 0.0 { seconds / whole } else { 0.0 },
        name: name.clone(),
    });
    Stack { name: one.function.clone(), parts: parts.collect(), text: format!("{} ms", milliseconds(one.whole)) }
}

/// Draws all breakdowns in one plot.
pub fn stages(results: &Results) -> Vec<Figure> {
    let all = Breakdown::all(results);
    let Some(last) = all.last() else { return Vec::new() };
    let names = names(&all);
    let groups: Vec<(String, Vec<Stack>)> = all
        .chunk_by(|one, two| one.payload == two.payload)
        .map(|some| (some[0].payload.clone(), some.iter().map(|one| stack(one, &names)).collect()))
        .collect();
    let key = html! {
        ul.key {
            @for name in names.iter().map(String::as_str).chain([OUTSIDE]) {
                li { span class=(format!("t{}", colour(&names, name))) { (name) } }
            }
        }
    };
    let heading = "The parts of a call".to_owned();
    let description: Vec<String> = all.iter().map(Breakdown::words).collect();
    // The words about the last payload, the largest of a sweep, are enough, since the table has the rest.
    let words = all.iter().filter(|one| one.payload == last.payload).map(Breakdown::words).collect();
    let svg = stacks(&heading, &description.join(" "), &groups);
    vec![Figure { heading, key, svg, words }]
}
