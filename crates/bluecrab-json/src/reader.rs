//! A cursor over JSON text (RFC 8259): white space, words and strings.

use crate::error::{Error, Result};
use crate::owned::to_string;
use bluecrab_decimal::{plain_length, plain_length_and_is_ascii};

/// How deep lists and objects may lie within each other, so that no text can exhaust the stack.
const DEEPEST: u8 = 127;

/// Reads one text from its start to its end.
pub struct Reader<'de> {
    pub bytes: &'de [u8],
    pub at: usize,
    /// How many more lists and objects may be opened within the current one.
    pub levels_left: u8,
    /// The text of the current string, if it has escapes.
    scratch: Vec<u8>,
}

/// The bytes of a string.
pub enum Text<'de, 'scratch, T: ?Sized> {
    /// A part of the text that is read.
    Borrowed(&'de T),
    /// A string that had escapes.
    Copied(&'scratch T),
}

impl<'de> Reader<'de> {
    pub fn new(bytes: &'de [u8]) -> Self {
        Self { bytes, at: 0, levels_left: DEEPEST, scratch: Vec::new() }
    }

    #[inline(always)]
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Skips white space and returns the next byte.
    #[inline(always)]
    pub fn peek_token(&mut self) -> Option<u8> {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.at += 1,
                other => return other,
            }
        }
    }

    /// Skips white space, and then this byte, which must come next.
    #[inline]
    pub fn expect(&mut self, byte: u8, name: &'static str) -> Result<()> {
        if self.peek_token() != Some(byte) {
            return Err(self.expected(name));
        }
        self.at += 1;
        Ok(())
    }

    /// Skips `true`, `false` or `null`, whose first byte has been checked.
    pub fn word(&mut self, word: &'static str) -> Result<()> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.error("expected a value"));
        }
        self.at += word.len();
        Ok(())
    }

    /// Checks that only white space is left.
    pub fn end(&mut self) -> Result<()> {
        match self.peek_token() {
            None => Ok(()),
            Some(_) => Err(self.error("more text after the end of the value")),
        }
    }

    /// An error at the current byte.
    #[cold]
    pub fn error(&self, message: &'static str) -> Error {
        Error::new(message).at(self.bytes, self.at)
    }

    /// The error for text that is not what was expected.
    #[cold]
    #[inline(never)]
    pub fn expected(&self, what: &'static str) -> Error {
        let message = match self.peek() {
            None => format!("expected {what}, found the end of the text"),
            Some(byte) if byte.is_ascii_graphic() => format!("expected {what}, found `{}`", char::from(byte)),
            Some(byte) => format!("expected {what}, found the byte 0x{byte:02x}"),
        };
        Error::new(message).at(self.bytes, self.at)
    }

    /// Reads a string whose quotation mark has been checked. The text must be valid UTF-8 without lone surrogates.
    #[inline]
    pub fn string(&mut self) -> Result<Text<'de, '_, str>> {
        let start = self.at + 1;
        let (length, is_ascii) = plain_length_and_is_ascii(self.bytes.get(start..).unwrap_or_default());
        if self.bytes.get(start + length) == Some(&b'"') {
            self.at = start + length + 1;
            let text = &self.bytes[start..start + length];
            if is_ascii {
                // SAFETY: ASCII is UTF-8.
                return Ok(Text::Borrowed(unsafe { std::str::from_utf8_unchecked(text) }));
            }
            return match std::str::from_utf8(text) {
                Ok(text) => Ok(Text::Borrowed(text)),
                Err(error) => Err(self.invalid_utf8(start + error.valid_up_to())),
            };
        }
        self.escaped_string::<true>()?;
        match std::str::from_utf8(&self.scratch) {
            Ok(text) => Ok(Text::Copied(text)),
            Err(_) => Err(self.invalid_utf8(start)),
        }
    }

    /// Reads a string whose quotation mark has been checked, as [`Reader::string`] does.
    #[inline(never)]
    pub fn owned_string(&mut self) -> Result<String> {
        match self.string()? {
            Text::Borrowed(text) | Text::Copied(text) => Ok(to_string(text)),
        }
    }

    /// Reads a string as bytes: any bytes, control characters and lone surrogates included.
    pub fn byte_string(&mut self) -> Result<Text<'de, '_, [u8]>> {
        let rest = &self.bytes[self.at + 1..];
        let length = rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\')).count();
        if rest.get(length) == Some(&b'"') {
            self.at += length + 2;
            return Ok(Text::Borrowed(&rest[..length]));
        }
        self.escaped_string::<false>()?;
        Ok(Text::Copied(&self.scratch))
    }

    #[cold]
    fn invalid_utf8(&self, offset: usize) -> Error {
        Error::new("a string that is not valid UTF-8").at(self.bytes, offset)
    }

    /// Reads a string into the scratch buffer. With `STRICT`, control characters and lone surrogates are errors.
    #[inline(never)]
    fn escaped_string<const STRICT: bool>(&mut self) -> Result<()> {
        self.at += 1;
        self.scratch.clear();
        loop {
            let rest = &self.bytes[self.at..];
            let plain = if STRICT {
                plain_length(rest)
            } else {
                rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\')).count()
            };
            self.scratch.extend_from_slice(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape::<STRICT>()?,
                Some(_) => return Err(self.error("a control character inside a string")),
                None => return Err(self.error("a string without its end")),
            }
        }
    }

    fn escape<const STRICT: bool>(&mut self) -> Result<()> {
        let byte = match self.bytes.get(self.at + 1) {
            Some(byte @ (b'"' | b'\\' | b'/')) => *byte,
            Some(b'b') => b'\x08',
            Some(b'f') => b'\x0c',
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => return self.unicode_escape::<STRICT>(),
            _ => return Err(self.error("an escape that JSON does not know")),
        };
        self.scratch.push(byte);
        self.at += 2;
        Ok(())
    }

    fn unicode_escape<const STRICT: bool>(&mut self) -> Result<()> {
        let unit = self.unicode_unit(self.at)?;
        let low = match unit {
            0xd800..0xdc00 => self.unicode_unit(self.at + 6).ok().filter(|low| (0xdc00..0xe000).contains(low)),
            _ => None,
        };
        let code = match low {
            Some(low) => 0x1_0000 + ((u32::from(unit) - 0xd800) << 10 | (u32::from(low) - 0xdc00)),
            None => u32::from(unit),
        };
        match char::from_u32(code) {
            Some(character) => self.scratch.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            None if STRICT => return Err(self.error("half of a surrogate pair")),
            // The form of UTF-8 for a lone surrogate.
            None => self.scratch.extend([0xed, 0x80 | (code >> 6 & 0x3f) as u8, 0x80 | (code & 0x3f) as u8]),
        }
        self.at += if low.is_some() { 12 } else { 6 };
        Ok(())
    }

    /// The number in an escape `\uXXXX`.
    fn unicode_unit(&self, at: usize) -> Result<u16> {
        let digits = match self.bytes.get(at..at + 6) {
            Some([b'\\', b'u', digits @ ..]) => digits,
            _ => return Err(self.error("an escape that JSON does not know")),
        };
        digits.iter().try_fold(0, |unit: u16, digit| {
            let value = char::from(*digit).to_digit(16).ok_or_else(|| self.error("an escape that JSON does not know"));
            Ok(unit << 4 | value? as u16)
        })
    }
}
