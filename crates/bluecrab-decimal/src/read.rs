//! Parses numbers by the grammar of RFC 8259, section 6, and rounds them to the nearest double, ties to even.

use crate::digits::{Eight, Four, small_power};
use crate::fault::Fault;
use crate::nearest::{nearest, nearest_fraction};
use crate::sixteen::Sixteen;

/// Any 19 digits fit a `u64`.
const SAFE_DIGITS: usize = 19;
/// How many bytes [`usual_number`] may look at: a sign, seven digits, a point and three times eight bytes. An exponent
/// fits too.
pub const WINDOW: usize = 40;

/// Parses a number in its most common form, such as `-1234567.1234567890123456`, and returns it with its length. It
/// does not look for an exponent after the digits. Returns `None` for every other form and for text that is not a
/// number; [`read_number`] handles those.
#[inline(always)]
pub fn usual_number(window: &[u8; WINDOW]) -> Option<(f64, usize)> {
    let magnitude = |Digits { significand, fraction, length }| (nearest_fraction(significand, fraction), length);
    if window[0] == b'-' {
        return digits::<1>(window).map(magnitude).map(|(magnitude, length)| (-magnitude, length));
    }
    digits::<0>(window).map(magnitude)
}

/// Like [`usual_number`], for a small fraction such as `-0.00000012345678901234567` or a number with an exponent of at
/// most three digits.
#[inline(never)]
pub fn unusual_number(window: &[u8; WINDOW]) -> Option<(f64, usize)> {
    let sign = usize::from(window[0] == b'-');
    let digits = match &window[sign..sign + 3] {
        b"0.0" => small_fraction(window, sign + 2),
        _ if sign == 1 => digits::<1>(window),
        _ => digits::<0>(window),
    };
    let Digits { significand, fraction, mut length } = digits?;
    let mut exponent = 0;
    if window[length] | 0x20 == b'e' {
        (exponent, length) = short_exponent(window, length + 1)?;
    }
    let magnitude = nearest(significand, exponent - fraction as i64);
    Some((if sign == 1 { -magnitude } else { magnitude }, length))
}

fn short_exponent(window: &[u8; WINDOW], at: usize) -> Option<(i64, usize)> {
    let sign = window[at];
    let start = at + usize::from(sign == b'-' || sign == b'+');
    let text = &window[start..start + 4];
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let exponent = text[..count].iter().fold(0, |exponent, digit| 10 * exponent + i64::from(digit - b'0'));
    (1..4).contains(&count).then_some((if sign == b'-' { -exponent } else { exponent }, start + count))
}

/// The zeros after the point do not belong to the significand.
fn small_fraction(window: &[u8; WINDOW], at: usize) -> Option<Digits> {
    let zeros = window[at..at + 8].iter().take_while(|byte| **byte == b'0').count();
    let (significand, count) = fraction(window, at + zeros, 0)?;
    (count <= SAFE_DIGITS).then_some(Digits { significand, fraction: zeros + count, length: at + zeros + count })
}

/// The digits of a number without its point, and how many of them follow the point.
struct Digits {
    significand: u64,
    fraction: usize,
    length: usize,
}

/// Parses the digits after a sign of `SIGN` bytes. The length of the sign is a constant, so that the reads below do not
/// wait for it.
#[inline(always)]
fn digits<const SIGN: usize>(window: &[u8; WINDOW]) -> Option<Digits> {
    let start = SIGN;
    let eight = |at: usize| window[at..].first_chunk().map_or(Eight::new([0; 8]), |bytes| Eight::new(*bytes));
    let (whole, mut significand) = if window[start + 1] == b'.' && window[start].is_ascii_digit() {
        (1, u64::from(window[start] - b'0'))
    } else {
        let digits = eight(start);
        let whole = digits.digits();
        if whole == 0 || whole == 8 || (window[start] == b'0' && whole > 1) {
            return None;
        }
        (whole, digits.value(whole))
    };
    // With too many digits the significand has overflowed; the check at the end refuses it.
    let mut count_of_digits = if significand == 0 { 0 } else { whole };
    let mut at = start + whole;
    let mut behind_point = 0;
    if window[at] == b'.' {
        at += 1;
        (significand, behind_point) = fraction(window, at, significand)?;
        at += behind_point;
        count_of_digits += behind_point;
    }
    if count_of_digits > SAFE_DIGITS {
        return None;
    }
    Some(Digits { significand, fraction: behind_point, length: at })
}

/// Appends up to twenty digits to a significand and counts them. The significand wraps around if there are too many
/// digits.
#[inline(always)]
fn fraction(window: &[u8; WINDOW], at: usize, significand: u64) -> Option<(u64, usize)> {
    let digits = Sixteen::new(window[at..].first_chunk()?);
    let count = digits.digits();
    if count == 0 {
        return None;
    }
    if count < 16 {
        return Some((significand.wrapping_mul(small_power(count)).wrapping_add(digits.value(count)), count));
    }
    let significand = significand.wrapping_mul(10_000_000_000_000_000).wrapping_add(digits.whole_value());
    let digits = Four::new(*window[at + 16..].first_chunk()?);
    let more = digits.digits();
    Some((significand.wrapping_mul(small_power(more)).wrapping_add(digits.value(more)), 16 + more))
}

/// Reads the number at the start of a text, and returns it with its length. A number too large for a double becomes
/// infinity, as in `JSON.parse`.
///
/// # Errors
/// Fails if the text does not begin with a number of JSON.
#[inline(never)]
pub fn read_number(text: &[u8]) -> Result<(f64, usize), Fault> {
    let mut text = Text { bytes: text, at: 0 };
    let negative = text.peek() == Some(b'-');
    text.at += usize::from(negative);
    let start = text.at;
    let mut significand = 0;
    let whole = text.digits(&mut significand);
    if whole == 0 {
        return Err(text.no_digit("a digit"));
    }
    if whole > 1 && text.bytes[start] == b'0' {
        return Err(Fault::Wrong { at: 0, what: "a number with a leading zero" });
    }
    let mut fraction = 0;
    if text.peek() == Some(b'.') {
        text.at += 1;
        fraction = text.digits(&mut significand);
        if fraction == 0 {
            return Err(text.no_digit("a digit after the decimal point"));
        }
    }
    let exponent = match text.peek() {
        Some(b'e' | b'E') => text.exponent()?,
        _ => 0,
    };
    let magnitude = if whole + fraction <= SAFE_DIGITS {
        nearest(significand, exponent.saturating_sub(fraction as i64))
    } else {
        text.long(start, exponent)
    };
    Ok((if negative { -magnitude } else { magnitude }, text.at))
}

/// A cursor over the text of a number.
struct Text<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Text<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn no_digit(&self, what: &'static str) -> Fault {
        Fault::Expected { at: self.at, what }
    }

    /// Reads digits, appends them to the significand, and counts them.
    fn digits(&mut self, significand: &mut u64) -> usize {
        let start = self.at;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            *significand = significand.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        self.at - start
    }

    #[inline(never)]
    fn exponent(&mut self) -> Result<i64, Fault> {
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
            return Err(self.no_digit("a digit of the exponent"));
        }
        Ok(if negative { -exponent } else { exponent })
    }

    /// Parses a number with more digits than the significand holds. If the kept digits and the next larger significand
    /// round to the same double, the remaining digits do not matter. Otherwise the standard library parses all of them.
    #[inline(never)]
    fn long(&self, start: usize, exponent: i64) -> f64 {
        let text = &self.bytes[start..self.at];
        let mut scale = exponent;
        let (mut significand, mut digits, mut after_point, mut dropped) = (0_u64, 0, false, false);
        for &byte in text {
            match byte {
                b'0'..=b'9' if digits < SAFE_DIGITS => {
                    significand = significand * 10 + u64::from(byte - b'0');
                    digits += usize::from(significand > 0);
                    scale = scale.saturating_sub(i64::from(after_point));
                }
                b'0'..=b'9' => {
                    dropped |= byte != b'0';
                    scale = scale.saturating_add(i64::from(!after_point));
                }
                b'.' => after_point = true,
                _ => break,
            }
        }
        let magnitude = nearest(significand, scale);
        if !dropped || magnitude == nearest(significand + 1, scale) {
            return magnitude;
        }
        // Digits, point and exponent are ASCII, and the grammar has been checked.
        std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(magnitude)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Option<f64> {
        let number = read_number(text.as_bytes()).ok().filter(|(_, length)| *length == text.len());
        let number = number.map(|(number, _)| number);
        for end in [",", "]", " ", "e", "x", "-"] {
            let mut window = [b','; WINDOW];
            let both = [text, end].concat();
            let length = both.len().min(WINDOW);
            window[..length].copy_from_slice(&both.as_bytes()[..length]);
            if let Some((unusual, at)) = unusual_number(&window) {
                assert!(at <= text.len(), "{both}");
                assert!(at < text.len() || number.map(f64::to_bits) == Some(unusual.to_bits()), "{both}");
            }
            if let Some((usual, at)) = usual_number(&window) {
                assert!(window[at] != b'e' || at == text.len() || text.as_bytes()[at] == b'e', "{both}");
                assert!(at <= text.len(), "{both}");
                assert!(at < text.len() || number.map(f64::to_bits) == Some(usual.to_bits()), "{both}");
            }
        }
        number
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
            let short = digits >> (bits % 64);
            for text in [
                format!("{digits}e{exponent}"),
                format!("{digits}.{digits}"),
                format!("0.000{digits}{digits}"),
                format!("{short}.{short}"),
                format!("{}.{short}", short % 1_000_000),
                format!("0.{}{short}", "0".repeat(digits as usize % 6)),
            ] {
                prop_assert_eq!(number(&text), text.parse().ok());
                prop_assert_eq!(number(&format!("-{text}")), text.parse().ok().map(|value: f64| -value));
            }
        }
    }
}
