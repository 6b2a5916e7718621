//! A whole request.

use crate::body::Bytes;
use crate::head::RequestHead;

/// A whole request: what a function takes that wants everything, and what extractors are tested with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// All but the body.
    pub head: RequestHead,
    /// The body, as it came over the wire.
    pub body: Bytes,
}

impl Request {
    /// The value of a header field, its name in lower case; several fields of the name come joined by `, `.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)
    }
}

pub(crate) fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
