//! The table model that all renderers use.

use crate::analysis::statistics::Verdict;
use crate::results::units::milliseconds;

#[derive(Debug, Clone)]
pub struct Table {
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    /// Whether the column has numbers, which are aligned to the right. Words are aligned to the left.
    pub is_number: bool,
    /// Whether only complete tables have this column.
    pub is_detail: bool,
}

impl Column {
    /// A column of words.
    pub fn words(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_number: false, is_detail: false }
    }

    /// A column of numbers.
    pub fn number(name: impl Into<String>) -> Self {
        Self { is_number: true, ..Self::words(name) }
    }

    /// Makes this a column of complete tables only.
    #[must_use]
    pub fn detail(self) -> Self {
        Self { is_detail: true, ..self }
    }

    /// Puts a cell into this column.
    pub fn with(self, cell: impl Into<Cell>) -> (Self, Cell) {
        (self, cell.into())
    }
}

/// Whether a cell is good or bad news.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Bad,
}

#[derive(Debug, Clone, Default)]
pub struct Cell {
    pub text: String,
    pub tone: Tone,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }
}

/// Marks a figure that was not measured.
pub const UNKNOWN: &str = "?";
/// Marks a figure that does not exist, such as the 99th percentile of ten calls.
pub const NONE: &str = "-";

/// Formats seconds as milliseconds, or marks a missing figure.
pub fn time(seconds: Option<f64>) -> String {
    seconds.map_or(NONE.to_owned(), milliseconds)
}

impl Cell {
    /// Formats a figure, if it was measured.
    pub fn measured<T>(value: Option<T>, text: impl Fn(T) -> String) -> Self {
        value.map_or_else(|| UNKNOWN.to_owned(), text).into()
    }

    /// Formats a verdict with its interval. The baseline has no verdict.
    pub fn verdict(verdict: Option<Verdict>, lower: &str, higher: &str) -> Self {
        let text = verdict.map_or("baseline".to_owned(), |verdict| verdict.words(lower, higher));
        Self { text, tone: Self::tone(verdict) }
    }

    /// Returns the tone of a verdict about a figure that should be low.
    pub fn tone(verdict: Option<Verdict>) -> Tone {
        match verdict {
            Some(Verdict::Lower(_)) => Tone::Good,
            Some(Verdict::Higher(_)) => Tone::Bad,
            _ => Tone::Plain,
        }
    }
}

impl Table {
    /// Makes a table of rows whose cells come with their columns. Returns `None` if there are no rows.
    pub fn new(caption: impl Into<String>, rows: impl Iterator<Item = Vec<(Column, Cell)>>) -> Option<Self> {
        let mut columns = Vec::new();
        let mut cells = Vec::new();
        for row in rows {
            let (names, row) = row.into_iter().unzip();
            columns = names;
            cells.push(row);
        }
        (!cells.is_empty()).then(|| Self { caption: caption.into(), columns, rows: cells })
    }

    /// Leaves out the columns without any known value, and the columns of details unless they are wanted.
    #[must_use]
    pub fn relevant(&self, with_details: bool) -> Self {
        let is_known = |index: usize| {
            let known = |row: &Vec<Cell>| !["", UNKNOWN, NONE].contains(&row[index].text.as_str());
            self.rows.iter().any(known)
        };
        let keep: Vec<usize> = (0..self.columns.len())
            .filter(|&index| is_known(index) && (with_details || !self.columns[index].is_detail))
            .collect();
        Self {
            caption: self.caption.clone(),
            columns: keep.iter().map(|&index| self.columns[index].clone()).collect(),
            rows: self.rows.iter().map(|row| keep.iter().map(|&index| row[index].clone()).collect()).collect(),
        }
    }
}
