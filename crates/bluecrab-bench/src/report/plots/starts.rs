//! The time from a start to the first answer.

use super::super::svg::Bar;
use super::figure::{Figure, colour, figure_of};
use crate::analysis::summary::ColdStarts;
use crate::results::units::digits;

/// Draws a bar for the median start of each function, with a sentence about each function.
pub fn starts(all: &[ColdStarts]) -> Vec<Figure> {
    let longest = all.iter().map(|starts| starts.median).fold(f64::MIN_POSITIVE, f64::max);
    let bar = |starts: &ColdStarts| Bar {
        colour: colour(starts.function),
        share: starts.median / longest,
        name: starts.name.clone(),
        text: format!("{} s", digits(starts.median)),
    };
    let bars = [(String::new(), all.iter().map(bar).collect())];
    let figure = figure_of("Seconds to the first answer", if all.is_empty() { &[] } else { &bars }, "");
    let words: Vec<String> = all.iter().map(ColdStarts::words).collect();
    figure.map(|figure| Figure { words, ..figure }).into_iter().collect()
}
