//! What the plots of all topics share: figures, colours, keys, and bars.

use super::super::svg::{Bar, bars, sample};
use crate::analysis::summary::{Group, Summary};
use maud::{Markup, PreEscaped, html};

/// A plot with its heading, its key, and the words below it.
pub struct Figure {
    pub heading: String,
    /// What its colours and lines stand for.
    pub key: Markup,
    pub svg: String,
    pub words: Vec<String>,
}

/// How many colours the style has.
const COLOURS: usize = 8;

/// Returns the CSS class of a function's colour.
pub fn colour(function: usize) -> usize {
    function % COLOURS
}

/// Returns the function with the least median, if all functions have a median.
pub fn fastest(functions: &[Summary]) -> Option<&Summary> {
    let medians: Vec<f64> = functions.iter().map(|function| function.p50).collect::<Option<_>>()?;
    functions.iter().zip(medians).min_by(|one, two| one.1.total_cmp(&two.1)).map(|(function, _)| function)
}

/// Makes bars from functions' indices, names and values. Each bar is a share of the longest.
pub fn scaled(values: Vec<(usize, String, f64)>, text: impl Fn(f64) -> String) -> Vec<Bar> {
    let longest = values.iter().map(|(.., value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let bar =
        |(function, name, value)| Bar { colour: colour(function), share: value / longest, name, text: text(value) };
    values.into_iter().map(bar).collect()
}

/// Renders a key of lines and points for a group's functions.
pub fn key_of(group: Option<&Group>) -> Markup {
    html! {
        ul.key {
            @for (index, function) in group.iter().flat_map(|group| &group.functions).enumerate() {
                li { (PreEscaped(sample(colour(index)))) " " (function.function) }
            }
        }
    }
}

/// Makes a bar for each function, as a share of the longest bar with the same payload and load.
pub fn share_of_longest(
    heading: &str,
    groups: &[&Group],
    figure: impl Fn(&Summary) -> Option<f64>,
    text: impl Fn(f64) -> String,
) -> Vec<Figure> {
    let of = |group: &&Group| {
        let value = |(index, function): (usize, &Summary)| Some((index, function.function.clone(), figure(function)?));
        let values = group.functions.iter().enumerate().map(value).collect::<Option<_>>()?;
        Some((format!("{}, {}", group.payload, group.load), scaled(values, &text)))
    };
    laid_out(heading, &groups.iter().filter_map(of).collect::<Vec<_>>())
}

/// Puts groups of bars into one plot, or each group into its own plot if there are many bars.
pub fn laid_out(heading: &str, bars_of: &[(String, Vec<Bar>)]) -> Vec<Figure> {
    let apart = bars_of.iter().map(|(_, bars)| bars.len()).sum::<usize>() > BARS;
    if apart {
        return bars_of.chunks(1).filter_map(|group| figure_of(heading, group, &ends(&group[0].1))).collect();
    }
    let words = "Each bar is a share of the longest of its payload and load.";
    figure_of(heading, bars_of, words).into_iter().collect()
}

/// Names the shortest and the longest bar.
fn ends(bars: &[Bar]) -> String {
    let by_share = |one: &&Bar, two: &&Bar| one.share.total_cmp(&two.share);
    let said = |bar: Option<&Bar>| bar.map_or(String::new(), |bar| format!("{}, {}", bar.name, bar.text));
    let [shortest, longest] = [bars.iter().min_by(by_share), bars.iter().max_by(by_share)].map(said);
    format!("Shortest: {shortest}; longest: {longest}.")
}

/// With more bars, each group gets its own plot.
const BARS: usize = 16;

/// Draws groups of bars. Returns `None` if there are no bars.
pub fn figure_of(heading: &str, groups: &[(String, Vec<Bar>)], words: &str) -> Option<Figure> {
    let line = |(group, bars): &(String, Vec<Bar>)| {
        let bars: Vec<String> = bars.iter().map(|bar| format!("{} {}", bar.name, bar.text)).collect();
        format!("{group}: {}.", bars.join(", "))
    };
    (!groups.is_empty()).then(|| Figure {
        heading: heading.to_owned(),
        key: Markup::default(),
        svg: bars(heading, &groups.iter().map(line).collect::<Vec<_>>().join(" "), groups),
        words: vec![words.to_owned()],
    })
}
