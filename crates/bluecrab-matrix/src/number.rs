//! Numbers: the grammar of RFC 8259, section 6, rounded to the nearest double, ties to even.

use crate::error::ParseError;
use crate::scan::Scanner;

/// The powers of ten that a double holds exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];
/// The largest integer up to which every integer is a double.
const EXACT_INTEGERS: u64 = 1 << 53;
/// So many digits fit a `u64` whatever they are.
const SAFE_DIGITS: usize = 19;

impl Scanner<'_> {
    /// The number that comes next. What is too large is infinite, as `JSON.parse` has it.
    pub fn number(&mut self) -> Result<f64, ParseError> {
        let start = self.at;
        let negative = self.peek() == Some(b'-');
        self.at += usize::from(negative);
        let mut significand = 0_u64;
        let whole = self.digits(&mut significand);
        if whole == 0 {
            return Err(self.expected("a digit"));
        }
        if whole > 1 && self.bytes[start + usize::from(negative)] == b'0' {
            self.at = start;
            return Err(self.error("a number with a leading zero"));
        }
        let mut fraction = 0;
        if self.peek() == Some(b'.') {
            self.at += 1;
            fraction = self.digits(&mut significand);
            if fraction == 0 {
                return Err(self.expected("a digit after the decimal point"));
            }
        }
        let exponent = self.exponent()?;
        let scale = exponent.saturating_sub(i64::try_from(fraction).unwrap_or(i64::MAX));
        let magnitude = (whole + fraction <= SAFE_DIGITS).then(|| exact(significand, scale)).flatten();
        match magnitude {
            Some(magnitude) => Ok(if negative { -magnitude } else { magnitude }),
            None => self.rounded(start),
        }
    }

    /// Passes over digits, appends them to the significand, and counts them.
    fn digits(&mut self, significand: &mut u64) -> usize {
        let start = self.at;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            *significand = significand.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        self.at - start
    }

    fn exponent(&mut self) -> Result<i64, ParseError> {
        if !matches!(self.peek(), Some(b'e' | b'E')) {
            return Ok(0);
        }
        self.at += 1;
        let negative = self.peek() == Some(b'-');
        self.at += usize::from(negative || self.peek() == Some(b'+'));
        let start = self.at;
        let mut exponent = 0_i64;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            exponent = exponent.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        if self.at == start {
            return Err(self.expected("a digit of the exponent"));
        }
        Ok(if negative { -exponent } else { exponent })
    }

    /// The same by the standard library, which takes any length.
    fn rounded(&self, start: usize) -> Result<f64, ParseError> {
        let text = std::str::from_utf8(&self.bytes[start..self.at]).ok();
        text.and_then(|text| text.parse().ok()).ok_or_else(|| self.error("not a number"))
    }
}

/// The product of two exact doubles is rounded once, hence right (Clinger, "How to read floating point numbers
/// accurately", PLDI 1990). Nothing where the parts are not exact.
fn exact(significand: u64, scale: i64) -> Option<f64> {
    if significand > EXACT_INTEGERS {
        return None;
    }
    let power = EXACT_POWERS.get(usize::try_from(scale.unsigned_abs()).ok()?)?;
    let significand = significand as f64;
    Some(if scale < 0 { significand / power } else { significand * power })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Option<f64> {
        let mut scanner = Scanner::new(text.as_bytes());
        scanner.number().ok().filter(|_| scanner.at == text.len())
    }

    #[test]
    fn keeps_the_grammar() {
        for text in ["0", "-0", "0.5", "10", "1e5", "1E+5", "1.25e-3", "-0.0", "1e400", "1e-400"] {
            assert!(number(text).is_some(), "{text}");
        }
        for text in ["", "-", "+1", "01", "-01", "00", ".5", "1.", "1e", "1e+", "1.e5", "inf", "NaN", "0x1", "1_0"] {
            assert!(number(text).is_none(), "{text}");
        }
    }

    #[test]
    fn rounds_the_hard_ones() {
        let long_fraction = format!("0.{}1", "3".repeat(800));
        for text in [
            "9007199254740993",
            "1234567890123456789012345678901234567890",
            "4.9e-324",
            "2.4703282292062328e-324",
            "1.7976931348623157e308",
            "2.2250738585072011e-308",
            "0.1",
            "123456789.123456789",
            &long_fraction,
        ] {
            assert_eq!(number(text), Some(text.parse::<f64>().unwrap()), "{text}");
        }
        assert_eq!(number("1e400"), Some(f64::INFINITY));
        assert_eq!(number("-0").map(f64::to_bits), Some((-0.0_f64).to_bits()));
    }

    proptest! {
        #[test]
        fn reads_back_what_was_written(bits: u64, exponent in -30_i32..30, digits in 0_u64..u64::MAX) {
            let value = f64::from_bits(bits);
            if value.is_finite() {
                prop_assert_eq!(number(&format!("{value:e}")).map(f64::to_bits), Some(bits));
            }
            let text = format!("{digits}e{exponent}");
            prop_assert_eq!(number(&text), text.parse().ok());
        }
    }
}
