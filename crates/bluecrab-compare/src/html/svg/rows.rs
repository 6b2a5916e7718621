//! What bars and dots share: names to the left, and beside them room for what is drawn.

use super::{LETTER, WIDTH, cut, label};

/// Between a name and what stands beside it.
pub const GAP: f64 = 6.0;

/// The columns of a plot.
pub struct Rows {
    /// Where what is drawn begins and ends.
    pub left: f64,
    pub right: f64,
}

impl Rows {
    /// As wide as these names and the texts behind what is drawn need, but no wider than leaves room for it.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>, texts: impl Iterator<Item = &'a str>) -> Self {
        let left = (widest(names) + GAP + 1.0).clamp(60.0, 0.45 * WIDTH);
        Self { left, right: WIDTH - (widest(texts) + GAP).min(0.25 * WIDTH) }
    }

    /// Where a share of the room is.
    pub fn at(&self, share: f64) -> f64 {
        self.left + share * (self.right - self.left)
    }

    /// A row's name, whose letters stand on this height.
    pub fn name(&self, svg: &mut String, y: f64, name: &str) {
        label(svg, "end", (self.left - GAP, y), &cut(name, self.left - GAP));
    }
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> f64 {
    texts.map(|text| text.chars().count() as f64 * LETTER).fold(0.0, f64::max)
}
