//! Why an array is refused.

use crate::error::ParseError;

/// What is wrong with an array, and at which of its bytes.
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) reason: String,
}

impl Fault {
    pub(super) fn new(at: usize, reason: impl Into<String>) -> Self {
        Self { at, reason: reason.into() }
    }
}

/// What is wrong with the body.
pub(super) fn error(offset: usize, operand: Option<&'static str>, reason: impl Into<String>) -> ParseError {
    ParseError { offset, operand, row: None, column: None, reason: reason.into() }
}
