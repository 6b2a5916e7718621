//! Rows of dots with a stroke at the median.

use super::rows::Rows;
use super::{dot, label, line, open};

const ROW: f64 = 40.0;

/// Samples of one kind.
pub struct Row {
    pub colour: usize,
    pub name: String,
    /// Each as a share of the greatest possible.
    pub samples: Vec<f64>,
    pub median: f64,
    /// The text at the median.
    pub text: String,
}

/// Rows over one axis from 0; ticks are shares of it with their texts.
pub fn dots(title: &str, description: &str, rows: &[Row], ticks: &[(f64, String)]) -> String {
    let bottom = rows.len() as f64 * ROW + 4.0;
    let mut svg = open(title, description, bottom + 20.0);
    let columns = Rows::new(rows.iter().map(|row| row.name.as_str()), ["10"].into_iter());
    for (share, text) in ticks {
        let x = columns.at(*share);
        line(&mut svg, "grid", (x, 0.0), (x, bottom));
        label(&mut svg, "middle", (x, bottom + 15.0), text);
    }
    for (index, row) in rows.iter().enumerate() {
        let y = index as f64 * ROW + 25.0;
        columns.name(&mut svg, y + 4.0, &row.name);
        for sample in &row.samples {
            dot(&mut svg, row.colour, (columns.at(*sample), y));
        }
        let median = columns.at(row.median);
        line(&mut svg, "median", (median, y - 9.0), (median, y + 9.0));
        let anchor = if row.median > 0.8 { "end" } else { "start" };
        label(&mut svg, anchor, (median, y - 12.0), &row.text);
    }
    svg + "</svg>"
}
