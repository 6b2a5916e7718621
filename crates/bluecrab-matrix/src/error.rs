//! What can be wrong with a body, in words for people and as fields for programs.

use crate::operand::Shape;
use std::fmt;

/// The message that refuses an operand without numbers.
///
/// Math.js refuses most products of such operands too, and answers the others in ways that depend on the form.
pub const EMPTY_OPERAND: &str = "a matrix without numbers cannot be multiplied";

/// What errors call the operands.
pub const NAMES: [&str; 2] = ["matrixOne", "matrixTwo"];

/// Why a body cannot be read as two operands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseError {
    /// The first byte of the body that is wrong, counted from 0.
    pub offset: usize,
    /// The operand with the error: `matrixOne` or `matrixTwo`.
    pub operand: Option<&'static str>,
    /// The row with the error, counted from 1.
    pub row: Option<usize>,
    /// The column with the error, counted from 1.
    pub column: Option<usize>,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = [
            self.operand.map(str::to_owned),
            self.row.map(|row| format!("row {row}")),
            self.column.map(|column| format!("column {column}")),
        ];
        let place = place.into_iter().flatten().collect::<Vec<_>>().join(", ");
        if !place.is_empty() {
            write!(formatter, "{place}: ")?;
        }
        write!(formatter, "{}", self.reason)?;
        write!(formatter, " (at byte {})", self.offset)
    }
}

impl std::error::Error for ParseError {}

/// Why two operands have no product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MultiplyError {
    /// Their shapes do not fit each other.
    Dimensions {
        /// The shape of the first operand.
        one: Shape,
        /// The shape of the second operand.
        two: Shape,
    },
    /// The memory cannot hold the product.
    TooLarge {
        /// The product's rows.
        rows: usize,
        /// The product's columns.
        columns: usize,
    },
}

impl fmt::Display for MultiplyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dimensions { one, two } => {
                write!(formatter, "matrixOne is {one} and matrixTwo is {two}: the columns of matrixOne ")?;
                write!(formatter, "({}) must be as many as the rows of matrixTwo ({})", one.columns(), two.rows())
            }
            Self::TooLarge { rows, columns } => {
                write!(formatter, "the product would be {rows}x{columns}, more than the memory has room for")
            }
        }
    }
}

impl std::error::Error for MultiplyError {}

/// Why a body has no product.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The body is not two operands.
    Parse(ParseError),
    /// The operands have no product.
    Multiply(MultiplyError),
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parse(error) => error.fmt(formatter),
            Self::Multiply(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for Error {}

impl From<ParseError> for Error {
    fn from(error: ParseError) -> Self {
        Self::Parse(error)
    }
}

impl From<MultiplyError> for Error {
    fn from(error: MultiplyError) -> Self {
        Self::Multiply(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_place_first() {
        let error = ParseError {
            offset: 11,
            operand: Some("matrixOne"),
            row: Some(2),
            column: Some(1),
            reason: "expected a number, found `x`".to_owned(),
        };
        assert_eq!(error.to_string(), "matrixOne, row 2, column 1: expected a number, found `x` (at byte 11)");
        let error = ParseError { operand: None, row: None, column: None, ..error };
        assert_eq!(error.to_string(), "expected a number, found `x` (at byte 11)");
    }
}
