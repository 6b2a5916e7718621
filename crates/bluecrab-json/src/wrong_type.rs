//! The error for a value of another type than the program expects.

use crate::error::Error;
use crate::number::Number;
use crate::reader::{Reader, Text};
use serde::de::{Error as _, Expected, Unexpected};

impl Reader<'_> {
    /// The error for a value of another type than the visitor expects.
    #[cold]
    #[inline(never)]
    pub fn wrong_type(&mut self, expected: &dyn Expected) -> Error {
        let start = self.at;
        let wrong = |found| Error::invalid_type(found, expected);
        let read = match self.peek() {
            Some(b'n') => self.word("null").map(|()| wrong(Unexpected::Unit)),
            Some(b't') => self.word("true").map(|()| wrong(Unexpected::Bool(true))),
            Some(b'f') => self.word("false").map(|()| wrong(Unexpected::Bool(false))),
            Some(b'[') => Ok(wrong(Unexpected::Seq)),
            Some(b'{') => Ok(wrong(Unexpected::Map)),
            Some(b'"') => self.string().map(|text| match text {
                Text::Borrowed(text) | Text::Copied(text) => wrong(Unexpected::Str(text)),
            }),
            Some(b'-' | b'0'..=b'9') => self.number().map(|number| match number {
                Number::Unsigned(number) => wrong(Unexpected::Unsigned(number)),
                Number::Signed(number) => wrong(Unexpected::Signed(number)),
                Number::Float(number) => wrong(Unexpected::Float(number)),
            }),
            _ => Err(self.expected("a value")),
        };
        match read {
            Ok(error) => error.at(self.bytes, start),
            Err(error) => error,
        }
    }
}
