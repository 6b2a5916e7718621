//! What is wrong with a text, or with a value that cannot be printed.

use serde::de::{Error as _, Expected, Unexpected, value};
use std::borrow::Cow;
use std::fmt::{self, Display};

/// The longest message, and the longest string of the text that a message repeats, in bytes. A text may have a string of
/// many megabytes where a number is expected.
const LONGEST_MESSAGE: usize = 1024;
const LONGEST_STRING: usize = 64;

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
        Self::new(start_of(&message.to_string(), LONGEST_MESSAGE).into_owned())
    }

    #[cold]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match found {
            // Serde would say "unit value".
            Unexpected::Unit => Self::custom(format_args!("invalid type: null, expected {expected}")),
            found => with_short(found, |found| value::Error::invalid_type(found, expected)),
        }
    }

    #[cold]
    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        with_short(found, |found| value::Error::invalid_value(found, expected))
    }

    #[cold]
    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(value::Error::unknown_variant(&start_of(variant, LONGEST_STRING), expected))
    }

    #[cold]
    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(value::Error::unknown_field(&start_of(field, LONGEST_STRING), expected))
    }
}

impl serde::ser::Error for Error {
    #[cold]
    fn custom<T: Display>(message: T) -> Self {
        serde::de::Error::custom(message)
    }
}

/// Makes an error that repeats no more than the start of a string.
fn with_short(found: Unexpected<'_>, error: impl FnOnce(Unexpected<'_>) -> value::Error) -> Error {
    Error::custom(match found {
        Unexpected::Str(text) => error(Unexpected::Str(&start_of(text, LONGEST_STRING))),
        found => error(found),
    })
}

/// The text, or its first bytes if it is longer.
fn start_of(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", &text[..text.floor_char_boundary(longest)]))
}
