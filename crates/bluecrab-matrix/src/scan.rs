//! A cursor over JSON text (RFC 8259): white space, strings, and values to skip.

use crate::error::ParseError;
use bluecrab_decimal::{Fault, read_number, value_length};
use std::borrow::Cow;

pub struct Scanner<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Scanner<'a> {
    /// Starts at the beginning of a text, after its byte order mark if it has one.
    pub fn new(bytes: &'a [u8]) -> Self {
        let at = if bytes.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
        Self { bytes, at }
    }

    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Skips white space and returns the next byte.
    pub fn peek_token(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
        self.peek()
    }

    /// Skips white space, and then `byte` if it comes next. Returns whether it did.
    pub fn take(&mut self, byte: u8) -> bool {
        let found = self.peek_token() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub fn error(&self, reason: impl Into<String>) -> ParseError {
        ParseError { offset: self.at, operand: None, row: None, column: None, reason: reason.into() }
    }

    /// The error for other text at this place than was expected.
    pub fn expected(&mut self, what: &str) -> ParseError {
        let found = match self.peek_token() {
            None => "the end of the body".to_owned(),
            Some(byte) if byte.is_ascii_graphic() => format!("`{}`", char::from(byte)),
            Some(byte) => format!("the byte 0x{byte:02x}"),
        };
        self.error(format!("expected {what}, found {found}"))
    }

    /// Reads a string, which must come next.
    pub fn string(&mut self) -> Result<Cow<'a, str>, ParseError> {
        if self.peek_token() != Some(b'"') {
            return Err(self.expected("a string"));
        }
        let text = self.value()?;
        let raw = &text[1..text.len() - 1];
        Ok(if raw.contains('\\') { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) })
    }

    /// Reads a number, which must come next.
    #[inline(never)]
    pub fn number(&mut self) -> Result<f64, ParseError> {
        let (number, length) = read_number(&self.bytes[self.at..]).map_err(|fault| self.fault(fault))?;
        self.at += length;
        Ok(number)
    }

    /// Skips a value of any kind, however deep it is nested, and returns its text. The text begins with the white space
    /// before the value.
    pub fn value(&mut self) -> Result<&'a str, ParseError> {
        let bytes = &self.bytes[self.at..];
        let length = value_length(bytes).map_err(|fault| self.fault(fault))?;
        let text = std::str::from_utf8(&bytes[..length])
            .map_err(|error| ParseError { offset: self.at + error.valid_up_to(), ..self.error("invalid UTF-8") })?;
        self.at += length;
        Ok(text)
    }

    /// Reads the name of a member and the colon after it.
    pub fn member_name(&mut self) -> Result<Cow<'a, str>, ParseError> {
        let name = self.string()?;
        if !self.take(b':') {
            return Err(self.expected("`:`"));
        }
        Ok(name)
    }

    /// Converts a fault to an error, and moves to its byte. The fault counts bytes from the current byte on.
    #[cold]
    fn fault(&mut self, fault: Fault) -> ParseError {
        let (Fault::Expected { at, .. } | Fault::Wrong { at, .. }) = fault;
        self.at += at;
        match fault {
            Fault::Expected { what, .. } => self.expected(what),
            Fault::Wrong { what, .. } => self.error(what),
        }
    }
}

/// The text of a string that is known to be well-formed. A lone surrogate becomes U+FFFD.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut units = Vec::new();
    let mut characters = raw.chars();
    let flush = |text: &mut String, units: &mut Vec<u16>| {
        text.push_str(&String::from_utf16_lossy(units));
        units.clear();
    };
    while let Some(character) = characters.next() {
        let plain = if character != '\\' {
            character
        } else {
            match characters.next() {
                Some('u') => {
                    let digits = characters.as_str().get(..4).unwrap_or_default();
                    units.push(u16::from_str_radix(digits, 16).unwrap_or(0xfffd));
                    characters.nth(3);
                    continue;
                }
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                other => other.unwrap_or('\\'),
            }
        };
        flush(&mut text, &mut units);
        text.push(plain);
    }
    flush(&mut text, &mut units);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unescapes_names() {
        let name = |text: &str| Scanner::new(text.as_bytes()).string().map(Cow::into_owned);
        assert_eq!(name(r#""matrix\u004fne""#).unwrap(), "matrixOne");
        assert_eq!(name(r#""\ud83e\udd80\n\ud800""#).unwrap(), "🦀\n\u{fffd}");
        for wrong in [r#""\x""#, r#""\u00g0""#, "\"a\nb\"", r#""abc"#, r#""\u00"#] {
            assert!(name(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn passes_over_what_serde_json_accepts() {
        for text in [
            r#"{"a":[1,{"b":null}],"c":"\"]"}"#,
            "[]",
            "{}",
            "[[],{}]",
            "-1.5e+3",
            "true",
            "[1,]",
            "{\"a\"}",
            "[1 2]",
            "{\"a\":1,}",
            "tru",
            "01",
            "[",
            "{",
            "\"",
            "]",
            "nul",
            "[1}",
            "",
        ] {
            let mut scanner = Scanner::new(text.as_bytes());
            let passed = scanner.value().is_ok() && scanner.peek_token().is_none();
            assert_eq!(passed, serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
        }
    }
}
