//! The time from a start to the first answer.

use super::figure::{Figure, figure_of, scaled};
use crate::analysis::summary::ColdStarts;
use crate::results::units::digits;

/// Draws a bar for the median start of each function, with a sentence about each function.
pub fn starts(all: &[ColdStarts]) -> Vec<Figure> {
    let medians = all.iter().map(|starts| (starts.function, starts.name.clone(), starts.median)).collect();
    let bars = [(String::new(), scaled(medians, |median| format!("{} s", digits(median))))];
    let figure = figure_of("Seconds to the first answer", if all.is_empty() { &[] } else { &bars }, "");
    let words: Vec<String> = all.iter().map(ColdStarts::words).collect();
    figure.map(|figure| Figure { words, ..figure }).into_iter().collect()
}
