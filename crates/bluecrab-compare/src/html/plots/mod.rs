//! Which plots a report has, and the words beside them; a file a topic.

mod latency;
mod memory;
mod stages;
mod starts;
mod throughput;

pub use latency::{distributions, neighbour, sweeps};
pub use memory::{memory, over_time};
pub use stages::{stages, table as stages_table};
pub use starts::starts;
pub use throughput::{processor, throughput};

use super::svg::{Bar, bars};
use crate::summary::{Group, Summary};

/// A plot with its heading and the words beside it.
pub struct Figure {
    pub heading: String,
    /// What its signs mean, as HTML.
    pub key: String,
    pub svg: String,
    pub words: Vec<String>,
}

/// How many colours the style has.
const COLOURS: usize = 6;

/// The class of a function's colour.
pub fn colour(function: usize) -> usize {
    function % COLOURS
}

/// A key of lines and points.
fn key<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let items = names.enumerate().map(|(index, name)| (super::svg::sample(colour(index)), name));
    super::list("key", items.map(|(sample, name)| format!("{sample} {}", super::svg::escape(name))))
}

/// A key of a group's functions.
fn key_of(group: Option<&Group>) -> String {
    key(group.iter().flat_map(|group| &group.functions).map(|function| function.function.as_str()))
}

/// Bars of a figure of each function, each as a share of the longest of its payload and load.
fn share_of_longest(
    heading: &str,
    groups: &[&Group],
    figure: impl Fn(&Summary) -> Option<f64>,
    text: impl Fn(f64) -> String,
) -> Vec<Figure> {
    let of = |group: &&Group| {
        let values: Vec<f64> = group.functions.iter().map(&figure).collect::<Option<_>>()?;
        let longest = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let bar = |(index, (value, function)): (usize, (f64, &Summary))| Bar {
            colour: colour(index),
            share: value / longest,
            name: function.function.clone(),
            text: text(value),
        };
        let bars: Vec<Bar> = values.into_iter().zip(&group.functions).enumerate().map(bar).collect();
        Some((format!("{}, {}", group.payload, group.load), bars))
    };
    let bars_of: Vec<(String, Vec<Bar>)> = groups.iter().filter_map(of).collect();
    figure_of(heading, &bars_of, "Each bar is a share of the longest of its payload and load.")
}

fn figure_of(heading: &str, groups: &[(String, Vec<Bar>)], words: &str) -> Vec<Figure> {
    let line = |(group, bars): &(String, Vec<Bar>)| {
        let bars: Vec<String> = bars.iter().map(|bar| format!("{} {}", bar.name, bar.text)).collect();
        format!("{group}: {}.", bars.join(", "))
    };
    let figure = || Figure {
        heading: heading.to_owned(),
        key: String::new(),
        svg: bars(heading, &groups.iter().map(line).collect::<Vec<_>>().join(" "), groups),
        words: vec![words.to_owned()],
    };
    (!groups.is_empty()).then(figure).into_iter().collect()
}
