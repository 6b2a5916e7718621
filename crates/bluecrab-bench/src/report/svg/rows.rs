//! The columns of bars and dots: names to the left, then room for the drawing.

use super::marks::{LETTER, WIDTH, cut, label};

/// The space between a name and the drawing.
pub const GAP: f64 = 6.0;

/// The columns of a plot.
pub struct Rows {
    /// Where the drawing begins and ends.
    pub left: f64,
    pub right: f64,
}

impl Rows {
    /// Makes columns that are as wide as the names and the texts behind the drawing need, within limits.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>, texts: impl Iterator<Item = &'a str>) -> Self {
        let left = (widest(names) + GAP + 1.0).clamp(60.0, 0.45 * WIDTH);
        Self { left, right: WIDTH - (widest(texts) + GAP).min(0.25 * WIDTH) }
    }

    /// Returns the x coordinate of a share of the drawing's width.
    pub fn at(&self, share: f64) -> f64 {
        self.left + share * (self.right - self.left)
    }

    /// Writes a row's name at a height.
    pub fn name(&self, svg: &mut String, y: f64, name: &str) {
        label(svg, "end", (self.left - GAP, y), &cut(name, self.left - GAP));
    }
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> f64 {
    texts.map(|text| text.chars().count() as f64 * LETTER).fold(0.0, f64::max)
}
