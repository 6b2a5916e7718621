//! What a function writes to its output bindings.

use crate::body::Bytes;

/// A message, event, entity, document or blob that a function writes to an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    pub(crate) name: String,
    pub(crate) kind: OutputKind,
    pub(crate) bytes: Bytes,
}

/// The kind of an output's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputKind {
    /// Any bytes.
    Bytes,
    /// Text in UTF-8.
    Text,
    /// JSON.
    Json,
}

impl OutputKind {
    /// Its name in the head of a response.
    #[cfg_attr(not(target_family = "wasm"), allow(dead_code))]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// What a function has written so far.
#[derive(Debug)]
pub struct Written<'a>(pub(crate) &'a mut Vec<Output>);

impl Written<'_> {
    /// Adds a message, event, entity, document or blob to the output with this name.
    pub fn add(&mut self, name: &str, kind: OutputKind, bytes: impl Into<Bytes>) {
        self.0.push(Output { name: name.to_owned(), kind, bytes: bytes.into() });
    }
}
