//! A mistake in a scenario file, with its place.

use anyhow::anyhow;
use std::ops::Range;

pub struct Fault {
    pub span: Option<Range<usize>>,
    pub message: String,
}

impl Fault {
    pub fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span: Some(span), message: message.into() }
    }

    /// Names the file and the line. The first `taken` lines of the text come from the base, not from the file.
    pub fn in_file(self, name: &str, text: &str, taken: usize) -> anyhow::Error {
        let start = self.span.map_or(0, |span| span.start.min(text.len()));
        let line = text[..start].matches('\n').count();
        // A key that is missing has no place.
        if start > 0 && line < taken {
            return anyhow!("{name}: in its base: {}", self.message);
        }
        anyhow!("{name}:{}: {}", line.saturating_sub(taken) + 1, self.message)
    }
}

impl From<toml::de::Error> for Fault {
    fn from(error: toml::de::Error) -> Self {
        Self { span: error.span(), message: error.message().replace('\n', "; ") }
    }
}
