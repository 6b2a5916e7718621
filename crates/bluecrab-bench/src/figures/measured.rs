//! What one part of the benchmarks found: lines of its table, and rows of the aims that follow.

use super::row::{Found, Row};
use super::spread::Spread;
use std::fmt;
use std::time::Duration;

/// A measurement that a table or a row is made of, in its unit.
struct Line {
    what: String,
    unit: &'static str,
    found: Found,
}

/// What was measured.
pub struct Measured {
    title: String,
    lines: Vec<Line>,
    rows: Vec<Row>,
    notes: Vec<String>,
}

impl Measured {
    /// Nothing yet, under a title.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), lines: Vec::new(), rows: Vec::new(), notes: Vec::new() }
    }

    /// The figures that follow.
    pub fn rows(&self) -> Vec<Row> {
        self.rows.clone()
    }

    /// Adds a measurement.
    pub fn line(&mut self, what: impl Into<String>, unit: &'static str, found: impl Into<Found>) {
        self.lines.push(Line { what: what.into(), unit, found: found.into() });
    }

    /// Adds the quartiles of samples in milliseconds.
    pub fn milliseconds(&mut self, what: impl Into<String>, samples: &[f64]) {
        self.line(what, " ms", Spread::of(samples));
    }

    /// Adds a figure with its aim.
    pub fn row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Adds a sentence below the table.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}, medians (quartiles):\n", self.title)?;
        let width = self.lines.iter().map(|line| line.what.chars().count()).max().unwrap_or_default();
        for Line { what, unit, found } in &self.lines {
            match found {
                Found::Measured(spread) => writeln!(formatter, "{what:width$}  {spread}{unit} ({})", spread.range())?,
                Found::Not(why) => writeln!(formatter, "{what:width$}  {why}")?,
            }
        }
        if !self.notes.is_empty() {
            writeln!(formatter)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(formatter, "{note}"))
    }
}

/// A time as the tables have it.
pub fn milliseconds(latency: Duration) -> f64 {
    latency.as_secs_f64() * 1000.0
}
