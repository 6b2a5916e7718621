//! Finds the end of a JSON value (RFC 8259) that the reader skips.

use crate::fault::Fault;
use crate::plain::plain_length;
use crate::read::read_number;

/// Returns the length of the JSON value at the start of a text, with the white space before it.
///
/// Each level of nesting takes one bit, so that deep nesting exhausts neither stack nor memory. Whether strings are
/// valid UTF-8 is not checked.
///
/// # Errors
/// Fails if the text does not begin with a value of JSON.
#[inline(never)]
pub fn value_length(text: &[u8]) -> Result<usize, Fault> {
    let mut text = Text { bytes: text, at: 0 };
    let mut levels = Levels::default();
    loop {
        match text.peek_token() {
            Some(b'[') => {
                text.at += 1;
                if !text.take(b']') {
                    levels.push(false);
                    continue;
                }
            }
            Some(b'{') => {
                text.at += 1;
                if !text.take(b'}') {
                    levels.push(true);
                    text.key()?;
                    continue;
                }
            }
            Some(b'"') => text.string()?,
            Some(b'-' | b'0'..=b'9') => {
                text.at += read_number(&text.bytes[text.at..]).map_err(|fault| fault.behind(text.at))?.1;
            }
            Some(b't') => text.word("true")?,
            Some(b'f') => text.word("false")?,
            Some(b'n') => text.word("null")?,
            _ => return Err(text.expected("a value")),
        }
        loop {
            let Some(in_object) = levels.last() else { return Ok(text.at) };
            if text.take(b',') {
                if in_object {
                    text.key()?;
                }
                break;
            }
            if !text.take(if in_object { b'}' } else { b']' }) {
                return Err(text.expected(if in_object { "`,` or `}`" } else { "`,` or `]`" }));
            }
            levels.pop();
        }
    }
}

/// A cursor over the text.
struct Text<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Text<'_> {
    /// Skips white space and returns the next byte.
    #[inline(always)]
    fn peek_token(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    /// Skips white space, and then this byte if it comes next. Returns whether it did.
    #[inline(always)]
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek_token() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn key(&mut self) -> Result<(), Fault> {
        if self.peek_token() != Some(b'"') {
            return Err(self.expected("a key in quotation marks"));
        }
        self.string()?;
        if self.take(b':') { Ok(()) } else { Err(self.expected("`:`")) }
    }

    fn string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        loop {
            self.at += plain_length(&self.bytes[self.at..]);
            match self.bytes[self.at..] {
                [b'"', ..] => {
                    self.at += 1;
                    return Ok(());
                }
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => self.at += 2,
                [b'\\', b'u', one, two, three, four, ..]
                    if [one, two, three, four].iter().all(u8::is_ascii_hexdigit) =>
                {
                    self.at += 6;
                }
                [b'\\', ..] => return Err(self.wrong("an escape that JSON does not know")),
                [_, ..] => return Err(self.wrong("a control character inside a string")),
                [] => return Err(self.wrong("a string without its end")),
            }
        }
    }

    fn word(&mut self, word: &str) -> Result<(), Fault> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.wrong("expected a value"));
        }
        self.at += word.len();
        Ok(())
    }

    #[cold]
    fn expected(&self, what: &'static str) -> Fault {
        Fault::Expected { at: self.at, what }
    }

    #[cold]
    fn wrong(&self, what: &'static str) -> Fault {
        Fault::Wrong { at: self.at, what }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_end_or_the_fault() {
        for (text, length) in [(" [1, {\"a\\u00e4\": [] }] ,", 22), ("-1.5e3]", 6), ("nullx", 4), ("\"]\\\"\"", 5)] {
            assert_eq!(value_length(text.as_bytes()), Ok(length), "{text}");
        }
        let expected = |at, what| Err(Fault::Expected { at, what });
        let wrong = |at, what| Err(Fault::Wrong { at, what });
        for (text, fault) in [
            ("", expected(0, "a value")),
            ("[1, ]", expected(4, "a value")),
            ("[1 2]", expected(3, "`,` or `]`")),
            ("{\"a\" 1}", expected(5, "`:`")),
            ("{\"a\":1,}", expected(7, "a key in quotation marks")),
            ("[-]", expected(2, "a digit")),
            ("[01]", wrong(1, "a number with a leading zero")),
            ("[tru]", wrong(1, "expected a value")),
            ("\"\\u00g0\"", wrong(1, "an escape that JSON does not know")),
            ("\"a\n\"", wrong(2, "a control character inside a string")),
            ("\"a", wrong(2, "a string without its end")),
        ] {
            assert_eq!(value_length(text.as_bytes()), fault, "{text}");
        }
    }

    #[test]
    fn nesting_exhausts_nothing() {
        let depth = 2_000_000;
        let deep = ["[".repeat(depth), "]".repeat(depth)].concat();
        assert_eq!(value_length(deep.as_bytes()), Ok(deep.len()));
        assert!(value_length("{\"a\":[".repeat(depth).as_bytes()).is_err());
    }
}
