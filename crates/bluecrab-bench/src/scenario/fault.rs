//! A mistake in a scenario file, with its place.

use std::ops::Range;

pub struct Fault {
    pub span: Option<Range<usize>>,
    pub message: String,
}

impl Fault {
    pub fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span: Some(span), message: message.into() }
    }
}

impl From<toml::de::Error> for Fault {
    fn from(error: toml::de::Error) -> Self {
        Self { span: error.span(), message: error.message().replace('\n', "; ") }
    }
}
