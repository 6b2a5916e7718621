//! A cursor over JSON text (RFC 8259): white space, strings, and values to skip.

use crate::error::ParseError;
use bluecrab_decimal::{NumberError, read_number};
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

    /// The error for text at this place that is not what was expected.
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
        if !self.take(b'"') {
            return Err(self.expected("a string"));
        }
        let start = self.at;
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(0..0x20) => return Err(self.error("a control character inside a string")),
                Some(_) => self.at += 1,
                None => return Err(self.error("a string without its end")),
            }
        }
        let raw = std::str::from_utf8(&self.bytes[start..self.at])
            .map_err(|error| ParseError { offset: start + error.valid_up_to(), ..self.error("invalid UTF-8") })?;
        self.at += 1;
        Ok(if escaped { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) })
    }

    fn escape(&mut self) -> Result<(), ParseError> {
        let wrong = |scanner: &Self| scanner.error("an escape that JSON does not know");
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let digits = self.bytes.get(self.at + 2..self.at + 6).ok_or_else(|| wrong(self))?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(wrong(self));
                }
                self.at += 6;
            }
            _ => return Err(wrong(self)),
        }
        Ok(())
    }

    /// Reads a number, which must come next.
    #[inline(never)]
    pub fn number(&mut self) -> Result<f64, ParseError> {
        match read_number(&self.bytes[self.at..]) {
            Ok((number, length)) => {
                self.at += length;
                Ok(number)
            }
            Err(NumberError::LeadingZero) => Err(self.error("a number with a leading zero")),
            Err(NumberError::NoDigit { at, expected }) => {
                self.at += at;
                Err(self.expected(expected))
            }
        }
    }

    /// Skips a value of any kind. Each level of nesting takes one bit, so that deep nesting exhausts neither stack nor
    /// memory.
    pub fn skip_value(&mut self) -> Result<(), ParseError> {
        let mut levels = Levels::default();
        loop {
            match self.peek_token() {
                Some(b'[') => {
                    self.at += 1;
                    if !self.take(b']') {
                        levels.push(false);
                        continue;
                    }
                }
                Some(b'{') => {
                    self.at += 1;
                    if !self.take(b'}') {
                        levels.push(true);
                        self.member_name()?;
                        continue;
                    }
                }
                Some(b'"') => drop(self.string()?),
                Some(b'-' | b'0'..=b'9') => drop(self.number()?),
                Some(b't') => self.word("true")?,
                Some(b'f') => self.word("false")?,
                Some(b'n') => self.word("null")?,
                _ => return Err(self.expected("a JSON value")),
            }
            loop {
                let Some(in_object) = levels.last() else { return Ok(()) };
                if self.take(b',') {
                    if in_object {
                        self.member_name()?;
                    }
                    break;
                }
                if !self.take(if in_object { b'}' } else { b']' }) {
                    return Err(self.expected(if in_object { "`,` or `}`" } else { "`,` or `]`" }));
                }
                levels.pop();
            }
        }
    }

    /// Reads the name of a member and the colon after it.
    pub fn member_name(&mut self) -> Result<Cow<'a, str>, ParseError> {
        let name = self.string()?;
        if !self.take(b':') {
            return Err(self.expected("`:`"));
        }
        Ok(name)
    }

    fn word(&mut self, word: &str) -> Result<(), ParseError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.expected("a JSON value"));
        }
        self.at += word.len();
        Ok(())
    }
}

/// A stack of bits.
#[derive(Default)]
struct Levels {
    words: Vec<u64>,
    depth: usize,
}

impl Levels {
    fn push(&mut self, bit: bool) {
        if self.depth.is_multiple_of(64) {
            self.words.push(0);
        }
        let mask = 1 << (self.depth % 64);
        if let Some(word) = self.words.last_mut() {
            *word = if bit { *word | mask } else { *word & !mask };
        }
        self.depth += 1;
    }

    fn last(&self) -> Option<bool> {
        let index = self.depth.checked_sub(1)?;
        self.words.last().map(|word| word >> (index % 64) & 1 == 1)
    }

    fn pop(&mut self) {
        self.depth -= 1;
        if self.depth.is_multiple_of(64) {
            self.words.pop();
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
            let passed = scanner.skip_value().is_ok() && scanner.peek_token().is_none();
            assert_eq!(passed, serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn nesting_exhausts_nothing() {
        let depth = 2_000_000;
        let deep = ["[".repeat(depth), "]".repeat(depth)].concat();
        assert!(Scanner::new(deep.as_bytes()).skip_value().is_ok());
        let open = "{\"a\":[".repeat(depth);
        assert!(Scanner::new(open.as_bytes()).skip_value().is_err());
    }
}
