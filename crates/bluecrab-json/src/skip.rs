//! Skips values that nobody asked for.

use crate::error::Result;
use crate::plain::plain_length;
use crate::reader::Reader;

impl Reader<'_> {
    /// Skips a value of any kind. Each level of nesting takes one bit, so that deep nesting exhausts neither stack nor
    /// memory.
    #[inline(never)]
    pub fn skip_value(&mut self) -> Result<()> {
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
                        self.skip_key()?;
                        continue;
                    }
                }
                Some(b'"') => self.skip_string()?,
                Some(b'-' | b'0'..=b'9') => self.skip_number()?,
                Some(b't') => self.word("true")?,
                Some(b'f') => self.word("false")?,
                Some(b'n') => self.word("null")?,
                _ => return Err(self.expected("a value")),
            }
            loop {
                let Some(in_object) = levels.last() else { return Ok(()) };
                if self.take(b',') {
                    if in_object {
                        self.skip_key()?;
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

    /// Skips white space, and then this byte if it comes next. Returns whether it did.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek_token() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_key(&mut self) -> Result<()> {
        if self.peek_token() != Some(b'"') {
            return Err(self.expected("a key in quotation marks"));
        }
        self.skip_string()?;
        self.expect(b':', "`:`")
    }

    fn skip_string(&mut self) -> Result<()> {
        self.at += 1;
        loop {
            self.at += plain_length(&self.bytes[self.at..]);
            match (self.peek(), self.bytes.get(self.at + 1)) {
                (Some(b'"'), _) => {
                    self.at += 1;
                    return Ok(());
                }
                (Some(b'\\'), Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')) => self.at += 2,
                (Some(b'\\'), Some(b'u')) => {
                    self.unicode_unit(self.at)?;
                    self.at += 6;
                }
                (Some(b'\\'), _) => return Err(self.error("an escape that JSON does not know")),
                (Some(_), _) => return Err(self.error("a control character inside a string")),
                (None, _) => return Err(self.error("a string without its end")),
            }
        }
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
