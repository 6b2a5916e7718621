//! From doubles to text as JavaScript has it, in whole words: a number is longer than most copies are worth.

use super::digits::write_eight;
use super::shortest::shortest;

/// The bytes that a number may write to, whatever of them it keeps.
pub const WINDOW: usize = 40;

/// ECMA-262, Number::toString, and null for what is not finite; gives the length.
#[inline(always)]
pub fn write_number(value: f64, decimal: Decimal, out: &mut [u8; WINDOW]) -> usize {
    if value == 0.0 {
        out[0] = b'0';
        return 1;
    }
    if !value.is_finite() {
        out[..4].copy_from_slice(b"null");
        return 4;
    }
    out[0] = b'-';
    let sign = usize::from(value < 0.0);
    let digits = Digits::of(decimal);
    sign + match digits.point {
        1..=16 => digits.write_with_point(out, sign),
        17..=21 => digits.write_integer(out, sign),
        -5..=0 => digits.write_fraction(out, sign),
        _ => digits.write_exponent(out, sign),
    }
}

/// The most digits that a double needs.
const DIGITS: usize = 17;
const POWERS: [u64; DIGITS + 1] = {
    let mut powers = [1; DIGITS + 1];
    let mut index = 1;
    while index <= DIGITS {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

/// Seventeen digits, and how many of them stand before the decimal point.
#[derive(Clone, Copy, Default)]
pub struct Decimal {
    digits: u64,
    point: i32,
}

impl Decimal {
    /// The shortest decimal of a double, zeros behind it; anything for zero and what is not finite.
    #[inline(always)]
    pub fn of(value: f64) -> Self {
        let (digits, exponent) = shortest(value.abs());
        if digits >= POWERS[DIGITS - 2] {
            // As most have it: sixteen digits or seventeen.
            let (factor, missing) = if digits < POWERS[DIGITS - 1] { (10, 1) } else { (1, 0) };
            return Self { digits: digits.wrapping_mul(factor), point: exponent + DIGITS as i32 - missing };
        }
        let missing = DIGITS - decimal_length(digits);
        Self { digits: digits * POWERS[missing], point: exponent + (DIGITS - missing) as i32 }
    }
}

/// Seventeen digits as ASCII: the first, and twice eight as words with the first of them in the lowest byte.
struct Digits {
    first: u8,
    next: u64,
    last: u64,
    /// How many of them there are before the zeros at the end.
    count: usize,
    point: i32,
}

impl Digits {
    #[inline(always)]
    fn of(Decimal { digits, point }: Decimal) -> Self {
        let (upper, lower) = (digits / 100_000_000, digits % 100_000_000);
        let first = upper / 100_000_000;
        let (next, last) = (write_eight(upper - first * 100_000_000), write_eight(lower));
        let zeros = match last ^ ZEROS {
            0 => 8 + (next ^ ZEROS).leading_zeros() / 8,
            last => last.leading_zeros() / 8,
        };
        Self { first: b'0' + first as u8, next, last, count: DIGITS - zeros as usize, point }
    }

    /// `12.5`, or `12` where nothing is left behind the point.
    #[inline(always)]
    fn write_with_point(&self, out: &mut [u8; WINDOW], at: usize) -> usize {
        let point = self.point as usize;
        out[at] = self.first;
        store(out, at + 1, self.next);
        if point <= 9 {
            // The digits behind the point once more, a place further.
            store(out, at + point + 1, shifted(self.next, point - 1));
            store(out, at + 10, self.last);
        } else {
            store(out, at + 9, self.last);
            store(out, at + point + 1, shifted(self.last, point - 9));
        }
        out[at + point] = b'.';
        if self.count > point { self.count + 1 } else { point }
    }

    #[inline(never)]
    fn write_integer(&self, out: &mut [u8; WINDOW], at: usize) -> usize {
        self.write_digits(out, at);
        store(out, at + DIGITS, ZEROS);
        self.point as usize
    }

    /// `0.00125`.
    #[inline(always)]
    fn write_fraction(&self, out: &mut [u8; WINDOW], at: usize) -> usize {
        store(out, at, u64::from_le_bytes(*b"0.000000"));
        let start = 2 + self.point.unsigned_abs() as usize;
        self.write_digits(out, at + start);
        start + self.count
    }

    /// `1.25e-7`, or `1e+21`.
    #[inline(never)]
    fn write_exponent(&self, out: &mut [u8; WINDOW], at: usize) -> usize {
        self.write_digits(out, at + 1);
        out[at] = self.first;
        out[at + 1] = b'.';
        let mut length = if self.count > 1 { self.count + 1 } else { 1 };
        let exponent = self.point - 1;
        let magnitude = exponent.unsigned_abs();
        out[at + length] = b'e';
        out[at + length + 1] = if exponent < 0 { b'-' } else { b'+' };
        length += 2;
        for (place, least) in [(100, 100), (10, 10), (1, 0)] {
            if magnitude >= least {
                out[at + length] = b'0' + (magnitude / place % 10) as u8;
                length += 1;
            }
        }
        length
    }

    #[inline(always)]
    fn write_digits(&self, out: &mut [u8; WINDOW], at: usize) {
        out[at] = self.first;
        store(out, at + 1, self.next);
        store(out, at + 9, self.last);
    }
}

const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);

#[inline(always)]
fn store(out: &mut [u8; WINDOW], at: usize, word: u64) {
    out[at..at + 8].copy_from_slice(&word.to_le_bytes());
}

/// A word without its first bytes.
#[inline(always)]
fn shifted(word: u64, bytes: usize) -> u64 {
    word.checked_shr(8 * bytes as u32).unwrap_or(0)
}

/// How many digits a number has, of 1 to 17.
#[inline(always)]
fn decimal_length(number: u64) -> usize {
    // The bits times log10(2), which is the length or one less.
    let estimate = (((64 - number.leading_zeros()) as usize * 1233) >> 12).min(DIGITS);
    (estimate + usize::from(number >= POWERS[estimate])).min(DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn printed(value: f64) -> String {
        let mut out = [0; WINDOW];
        let length = write_number(value, Decimal::of(value), &mut out);
        String::from_utf8(out[..length].to_vec()).unwrap()
    }

    #[test]
    #[allow(clippy::excessive_precision)]
    fn prints_as_javascript() {
        for (value, expected) in [
            (1.0, "1"),
            (-0.0, "0"),
            (0.1, "0.1"),
            (1e21, "1e+21"),
            (1e20, "100000000000000000000"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "null"),
            (f64::NEG_INFINITY, "null"),
            (33_093_792_212_857.562_5, "33093792212857.562"),
            (-123.456, "-123.456"),
        ] {
            assert_eq!(printed(value), expected);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn equals_ryu(bits: u64, decimal in 0_u64..100_000_000_000, exponent in -30_i32..30) {
            for value in [f64::from_bits(bits), decimal as f64 * 10_f64.powi(exponent), -(decimal as f64) / 1000.0] {
                if value.is_finite() {
                    let expected = ryu_js::Buffer::new().format_finite(value).to_owned();
                    prop_assert_eq!(printed(value), expected);
                }
            }
        }
    }
}
