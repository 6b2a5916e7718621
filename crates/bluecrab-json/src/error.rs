//! What is wrong with a text, or with a value that cannot be printed.

use serde::de::{Expected, Unexpected};
use std::borrow::Cow;
use std::fmt::{self, Display};

/// Why a text cannot be read, or why a value cannot be printed.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    message: Cow<'static, str>,
    place: Option<Place>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    offset: usize,
    line: usize,
    column: usize,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    #[cold]
    pub(crate) fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner { message: message.into(), place: None }))
    }

    pub(crate) fn at(mut self, bytes: &[u8], offset: usize) -> Self {
        self.set_place(bytes, offset);
        self
    }

    /// Sets the place, unless the error has one.
    #[cold]
    pub(crate) fn set_place(&mut self, bytes: &[u8], offset: usize) {
        self.0.place.get_or_insert_with(|| {
            let before = &bytes[..offset.min(bytes.len())];
            let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            Place { offset: before.len(), line, column: 1 + before.len() - line_start }
        });
    }

    /// The first byte of the text that is wrong, counted from 0. `None` for a value that cannot be printed.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.0.place.map(|place| place.offset)
    }
}

impl Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)?;
        match self.0.place {
            Some(Place { line, column, .. }) => write!(formatter, " at line {line} column {column}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

impl serde::de::Error for Error {
    #[cold]
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    #[cold]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match found {
            // Serde would say "unit value".
            Unexpected::Unit => Self::new(format!("invalid type: null, expected {expected}")),
            found => Self::new(format!("invalid type: {found}, expected {expected}")),
        }
    }
}

impl serde::ser::Error for Error {
    #[cold]
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }
}
