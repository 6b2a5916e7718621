//! Parses the header's dictionary, a Python literal. It accepts only what NumPy writes.

use super::fault::Fault;

/// How many dimensions are kept. Further dimensions are only counted.
const KEPT: usize = 2;

/// `{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }`
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dictionary<'a> {
    /// The dtype, and the byte where it starts.
    pub(super) descr: (&'a str, usize),
    pub(super) fortran_order: bool,
    pub(super) shape: Lengths,
}

/// A tuple of integers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lengths {
    /// The byte where it starts.
    pub(super) at: usize,
    pub(super) count: usize,
    pub(super) first: [u64; KEPT],
}

struct Literal<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Parses the dictionary from `at` to the end of the bytes. The keys may come in any order, each of them once.
pub(super) fn dictionary(bytes: &[u8], at: usize) -> Result<Dictionary<'_>, Fault> {
    let mut literal = Literal { bytes, at };
    let (mut descr, mut fortran_order, mut shape) = (None, None, None);
    literal.expect(b'{', "a dictionary")?;
    while !literal.take(b'}') {
        let key_at = literal.at;
        let (key, _) = literal.string("a key")?;
        literal.expect(b':', "`:`")?;
        let repeated = match key {
            "descr" => descr.replace(literal.dtype()?).is_some(),
            "fortran_order" => fortran_order.replace(literal.boolean()?).is_some(),
            "shape" => shape.replace(literal.lengths()?).is_some(),
            _ => return Err(Fault::new(key_at, "expected descr, fortran_order and shape, found another key")),
        };
        if repeated {
            return Err(Fault::new(key_at, format!("found the key {key} twice")));
        }
        if !literal.take(b',') {
            literal.expect(b'}', "`,` or `}`")?;
            break;
        }
    }
    literal.skip_spaces();
    if &bytes[literal.at..] != b"\n" {
        return Err(literal.unexpected("spaces and the header's closing line break"));
    }
    let missing = |key: &str| Fault::new(at, format!("found no key {key}"));
    Ok(Dictionary {
        descr: descr.ok_or_else(|| missing("descr"))?,
        fortran_order: fortran_order.ok_or_else(|| missing("fortran_order"))?,
        shape: shape.ok_or_else(|| missing("shape"))?,
    })
}

impl<'a> Literal<'a> {
    fn skip_spaces(&mut self) {
        while self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
    }

    /// Skips spaces, and then `byte` if it comes next. Returns whether it did.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_spaces();
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), Fault> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected(what)) }
    }

    fn unexpected(&self, what: &str) -> Fault {
        let found = match self.bytes.get(self.at) {
            None => "the end".to_owned(),
            Some(byte @ b' '..=b'~') => format!("`{}`", char::from(*byte)),
            Some(byte) => format!("the byte {byte:#04x}"),
        };
        Fault::new(self.at, format!("expected {what}, found {found}"))
    }

    /// Parses a string of printable ASCII without escapes, in single or double quotes, and returns it with the byte
    /// where it starts.
    fn string(&mut self, what: &str) -> Result<(&'a str, usize), Fault> {
        let quote = if self.take(b'\'') { b'\'' } else { b'"' };
        if quote == b'"' {
            self.expect(b'"', what)?;
        }
        let start = self.at;
        while let Some(b' '..=b'~') = self.bytes.get(self.at) {
            if self.bytes[self.at] == quote {
                let text = std::str::from_utf8(&self.bytes[start..self.at]);
                self.at += 1;
                return text.map(|text| (text, start)).map_err(|_| Fault::new(start, "expected ASCII"));
            }
            if self.bytes[self.at] == b'\\' {
                break;
            }
            self.at += 1;
        }
        Err(self.unexpected("the end of a string"))
    }

    fn dtype(&mut self) -> Result<(&'a str, usize), Fault> {
        if self.take(b'[') {
            let reason = "expected a dtype of numbers (take one field, as array['name']), found a structured one";
            return Err(Fault::new(self.at - 1, reason));
        }
        self.string("a dtype")
    }

    fn boolean(&mut self) -> Result<bool, Fault> {
        self.skip_spaces();
        let rest = &self.bytes[self.at..];
        let value = rest.starts_with(b"True");
        if !value && !rest.starts_with(b"False") {
            return Err(self.unexpected("True or False"));
        }
        self.at += if value { 4 } else { 5 };
        Ok(value)
    }

    /// `()`, `(3,)`, `(2, 3)`, and so on.
    fn lengths(&mut self) -> Result<Lengths, Fault> {
        self.expect(b'(', "a tuple of lengths")?;
        let mut lengths = Lengths { at: self.at - 1, ..Lengths::default() };
        while !self.take(b')') {
            let length = self.whole_number()?;
            if let Some(kept) = lengths.first.get_mut(lengths.count) {
                *kept = length;
            }
            lengths.count += 1;
            if !self.take(b',') {
                if lengths.count == 1 {
                    return Err(self.unexpected("`,`, as a tuple of one has it"));
                }
                self.expect(b')', "`,` or `)`")?;
                break;
            }
        }
        Ok(lengths)
    }

    fn whole_number(&mut self) -> Result<u64, Fault> {
        self.skip_spaces();
        let rest = &self.bytes[self.at..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || (digits > 1 && rest[0] == b'0') {
            return Err(self.unexpected("a length"));
        }
        let value = rest[..digits]
            .iter()
            .try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
        let value = value.ok_or_else(|| Fault::new(self.at, "expected lengths below 2^64, found a longer one"))?;
        self.at += digits;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_numpy_writes() {
        for text in [
            "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }      \n",
            "{'shape':(2,3,),'fortran_order':False,\"descr\":\"<f8\"}\n",
        ] {
            let read = dictionary(text.as_bytes(), 0).map_err(|fault| fault.reason).expect(text);
            assert_eq!((read.descr.0, read.fortran_order), ("<f8", false));
            assert_eq!((read.shape.count, read.shape.first), (2, [2, 3]));
            assert_eq!(&text[read.descr.1..][..3], "<f8");
        }
    }

    #[test]
    fn refuses_anything_else() {
        for (text, at, part) in [
            ("", 0, "expected a dictionary, found the end"),
            ("{}\n", 0, "no key descr"),
            ("{'descr': '<f8', 'fortran_order': 0, }\n", 34, "expected True or False, found `0`"),
            ("{'descr': '<f8', 'shape': (3)}\n", 28, "expected `,`, as a tuple of one has it, found `)`"),
            ("{'shape': (2 3)}\n", 13, "found `3`"),
            ("{'shape': (-1,)}\n", 11, "expected a length, found `-`"),
            ("{'shape': (03,)}\n", 11, "expected a length"),
            ("{'shape': (3L,)}\n", 12, "found `L`"),
            ("{'shape': (1+1,)}\n", 12, "found `+`"),
            ("{'shape': (18446744073709551616,)}\n", 11, "below 2^64"),
            ("{'shape': [3]}\n", 10, "a tuple of lengths"),
            ("{'shape': (3,), 'shape': (3,)}\n", 16, "shape twice"),
            ("{'descr': [('a', '<f8')]}\n", 10, "structured"),
            ("{'descr': '\\x3cf8'}\n", 11, "the end of a string"),
            ("{'descr': '<f8\n", 14, "found the byte 0x0a"),
            ("{'descr': None}\n", 10, "a dtype, found `N`"),
            ("{'other': 1}\n", 1, "another key"),
            ("{'descr': '<f8',, }\n", 16, "a key, found `,`"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': ()}", 53, "closing line break, found the end"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': ()}#\n", 53, "found `#`"),
        ] {
            let fault = dictionary(text.as_bytes(), 0).expect_err(text);
            assert!(fault.reason.contains(part), "{text}: {}", fault.reason);
            assert_eq!(fault.at, at, "{text}: {}", fault.reason);
        }
    }
}
