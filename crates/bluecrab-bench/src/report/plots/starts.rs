//! The time from a start to the first answer.

use super::super::svg::{Axis, Row, dots};
use super::{Figure, colour};
use crate::analysis::summary::ColdStarts;
use crate::results::units::digits;
use maud::Markup;

/// A dot for each start.
pub fn starts(all: &[ColdStarts]) -> Vec<Figure> {
    let longest = all.iter().map(|starts| starts.slowest).fold(0.0, f64::max);
    if all.is_empty() {
        return Vec::new();
    }
    let axis = Axis::linear("", longest);
    let row = |starts: &ColdStarts| Row {
        colour: colour(starts.function),
        name: starts.name.clone(),
        samples: starts.seconds.iter().map(|seconds| axis.share(*seconds)).collect(),
        median: axis.share(starts.median),
        text: format!("{} s", digits(starts.median)),
    };
    let rows: Vec<Row> = all.iter().map(row).collect();
    let quickest = all.iter().min_by(|one, two| one.median.total_cmp(&two.median));
    let quickest = quickest.map(|one| format!("Quickest by the median: {} s, {}.", digits(one.median), one.name));
    let words: Vec<String> = quickest.into_iter().chain(all.iter().map(ColdStarts::words)).collect();
    let heading = "Seconds to the first answer".to_owned();
    let svg = dots(&heading, &words.join(" "), &rows, &axis.shares());
    vec![Figure { heading, key: Markup::default(), svg, words }]
}
