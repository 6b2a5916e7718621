//! Numbers as integers, if they are written as such and fit, or as doubles.

use crate::error::Result;
use crate::reader::Reader;
use bluecrab_decimal::{WINDOW, read_number, unusual_number, usual_number};

/// A number, in the type that serde's visitors expect for its form.
pub enum Number {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

/// Any number with this many digits fits a `u64`.
const SAFE_DIGITS: usize = 19;

impl Reader<'_> {
    /// Reads a number, whose first byte has been checked, as the nearest double.
    #[inline(always)]
    pub fn float(&mut self) -> Result<f64> {
        let number = self.usual_float();
        if number.is_nan() { self.any_float() } else { Ok(number) }
    }

    /// Returns NaN for a number in an uncommon form, and for text that is not a number.
    #[inline(never)]
    fn usual_float(&mut self) -> f64 {
        let Some(window) = self.bytes[self.at..].first_chunk::<WINDOW>() else { return f64::NAN };
        let usual = usual_number(window).filter(|(_, length)| window[*length] | 0x20 != b'e');
        let found = usual.or_else(|| unusual_number(window)).filter(|(number, _)| number.is_finite());
        let Some((number, length)) = found else { return f64::NAN };
        self.at += length;
        number
    }

    #[inline(never)]
    fn any_float(&mut self) -> Result<f64> {
        match read_number(&self.bytes[self.at..]) {
            Ok((number, _)) if number.is_infinite() => Err(self.error("a number that is too large")),
            Ok((number, length)) => {
                self.at += length;
                Ok(number)
            }
            Err(fault) => Err(self.fault(fault)),
        }
    }

    /// Reads a number as the nearest `f32`. Rounding to a double first can change the result only for a double that
    /// lies between two neighbours, and for very small numbers.
    pub fn single(&mut self) -> Result<f64> {
        const BELOW: u64 = (1 << 29) - 1;
        let start = self.at;
        let double = self.float()?;
        let mut single = double as f32;
        if double.to_bits() & BELOW == 1 << 28 || double.abs() < f64::from(f32::MIN_POSITIVE) {
            let text = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default();
            single = text.parse().unwrap_or(single);
        }
        if single.is_infinite() {
            self.at = start;
            return Err(self.error("a number that is too large"));
        }
        Ok(f64::from(single))
    }

    /// Reads a number whose first byte has been checked.
    #[inline]
    pub fn number(&mut self) -> Result<Number> {
        let start = self.at;
        let negative = self.peek() == Some(b'-');
        let first = start + usize::from(negative);
        let (mut at, mut integer) = (first, 0_u64);
        while let Some(digit @ b'0'..=b'9') = self.bytes.get(at) {
            integer = integer.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            at += 1;
        }
        let count = at - first;
        let is_float = matches!(self.bytes.get(at), Some(b'.' | b'e' | b'E'));
        if is_float || !(1..=SAFE_DIGITS).contains(&count) || (count > 1 && self.bytes[first] == b'0') {
            return self.float_or_long_integer(start, at);
        }
        self.at = at;
        Ok(match negative {
            false => Number::Unsigned(integer),
            true if integer > 0 && integer <= 1 << 63 => Number::Signed((integer as i64).wrapping_neg()),
            true => Number::Float(-(integer as f64)),
        })
    }

    #[inline(never)]
    fn float_or_long_integer(&mut self, start: usize, end: usize) -> Result<Number> {
        let float = self.float()?;
        let integer = std::str::from_utf8(&self.bytes[start..self.at]).ok().filter(|_| self.at == end);
        match integer.and_then(|text| text.parse().ok()) {
            Some(integer) => Ok(Number::Unsigned(integer)),
            None => Ok(Number::Float(float)),
        }
    }

    /// Reads an integer of any length, and returns its text.
    pub fn integer(&mut self) -> Result<&str> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let first = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        match self.at - first {
            0 => Err(self.expected("a digit")),
            2.. if self.bytes[first] == b'0' => {
                self.at = start;
                Err(self.error("a number with a leading zero"))
            }
            _ => Ok(std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or_default()),
        }
    }
}
