//! Prints doubles as JavaScript does. It writes whole words and keeps only the first bytes, which is faster than
//! copying the exact length.

use super::quick::quick;
use super::shortest::{shortest, shortest_single};
use super::text::Sixteen;

/// How many bytes [`write_number`] may write. The number itself is usually shorter.
pub const WINDOW: usize = 40;

/// Writes a number by the rules of Number::toString in ECMA-262, or `null` if it is not finite. Returns its length.
#[inline(always)]
pub fn write_number(decimal: Decimal, out: &mut [u8; WINDOW]) -> usize {
    out[0] = b'-';
    let sign = decimal.sign as usize & 1;
    let digits = Digits::of(decimal);
    if let 1..=16 = digits.point {
        return sign + digits.write_with_point(out, sign);
    }
    match digits.point {
        17..=21 => sign + digits.write_integer(out, sign),
        -5..=0 => sign + digits.write_fraction(out, sign),
        ZERO => {
            out[0] = b'0';
            1
        }
        NULL => {
            out[..4].copy_from_slice(b"null");
            4
        }
        _ => sign + digits.write_exponent(out, sign),
    }
}

/// The most digits that a double needs.
pub(super) const DIGITS: usize = 17;
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
    /// 1 if the number is negative, else 0.
    sign: u32,
}

/// How many numbers have their digits found together.
pub const BATCH: usize = 4;

/// Several decimals.
#[derive(Clone, Copy, Default)]
pub struct Decimals {
    pub(super) digits: [u64; BATCH],
    pub(super) points: [i32; BATCH],
    pub(super) signs: [u32; BATCH],
}

impl Decimals {
    #[inline(always)]
    pub fn get(&self, index: usize) -> Decimal {
        Decimal { digits: self.digits[index], point: self.points[index], sign: self.signs[index] }
    }

    #[inline(always)]
    pub fn set(&mut self, index: usize, Decimal { digits, point, sign }: Decimal) {
        (self.digits[index], self.points[index], self.signs[index]) = (digits, point, sign);
    }
}

/// Values of `point` for numbers that are written without digits: `0` and `null`.
const ZERO: i32 = i32::MIN;
const NULL: i32 = i32::MAX;

impl Decimal {
    /// The shortest decimal of a double, padded with zeros. Returns `None` if the quick algorithm cannot decide.
    #[inline(always)]
    pub fn quick(value: f64) -> Option<Self> {
        let bits = value.to_bits();
        let sign = (bits >> 63) as u32;
        let biased = (bits >> 52) as u32 & 0x7ff;
        if biased.wrapping_sub(1) >= 0x7fe {
            return (value == 0.0).then_some(Self { digits: 0, point: ZERO, sign });
        }
        let (digits, exponent) = quick(value.abs())?;
        let (factor, missing) = if digits < POWERS[DIGITS - 1] { (10, 1) } else { (1, 0) };
        Some(Self { digits: digits * factor, point: exponent + DIGITS as i32 - missing, sign })
    }

    /// The shortest decimal of any double.
    #[cold]
    #[inline(never)]
    pub fn of(value: f64) -> Self {
        Self::special(value).unwrap_or_else(|| Self::padded(value < 0.0, shortest(value.abs())))
    }

    /// The shortest decimal that reads back as the same `f32`.
    #[inline(never)]
    pub fn of_single(value: f32) -> Self {
        let special = Self::special(f64::from(value));
        special.unwrap_or_else(|| Self::padded(value < 0.0, shortest_single(value.abs())))
    }

    /// Zeros, infinities and NaN.
    fn special(value: f64) -> Option<Self> {
        let point = if value == 0.0 { ZERO } else { NULL };
        (value == 0.0 || !value.is_finite()).then_some(Self { digits: 0, point, sign: u32::from(value < 0.0) })
    }

    fn padded(is_negative: bool, (digits, exponent): (u64, i32)) -> Self {
        let missing = DIGITS - decimal_length(digits);
        let point = exponent + (DIGITS - missing) as i32;
        Self { digits: digits * POWERS[missing], point, sign: u32::from(is_negative) }
    }
}

/// Seventeen digits as text.
struct Digits {
    first: u8,
    others: Sixteen,
    /// How many digits remain without the zeros at the end.
    count: usize,
    point: i32,
}

impl Digits {
    #[inline(always)]
    fn of(Decimal { digits, point, .. }: Decimal) -> Self {
        let (upper, lower) = (digits / 100_000_000, digits % 100_000_000);
        // Divides by 10^8; exact because `upper` is below 10^9.
        let first = (upper * 1_441_151_881) >> 57;
        let others = Sixteen::new(upper - first * 100_000_000, lower);
        Self { first: b'0' + first as u8, others, count: DIGITS - others.zeros_at_end(), point }
    }

    /// `12.5`, or `12` if no digits follow the point.
    #[inline(always)]
    fn write_with_point(&self, out: &mut [u8; WINDOW], at: usize) -> usize {
        let point = self.point as usize;
        out[at] = self.first;
        if let Some(out) = out[at + 1..].first_chunk_mut() {
            self.others.store_with_point(out, point - 1);
        }
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
        if let Some(out) = out[at + 1..].first_chunk_mut() {
            self.others.store(out);
        }
    }
}

const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);

#[inline(always)]
fn store(out: &mut [u8; WINDOW], at: usize, word: u64) {
    out[at..at + 8].copy_from_slice(&word.to_le_bytes());
}

/// How many digits a number has, at least 1 and at most 17.
#[inline(always)]
fn decimal_length(number: u64) -> usize {
    // The number of bits times log10(2) is the number of digits, or one less.
    let estimate = (((64 - number.leading_zeros()) as usize * 1233) >> 12).min(DIGITS);
    (estimate + usize::from(number >= POWERS[estimate])).min(DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn printed(value: f64) -> String {
        let text = |decimal| {
            let mut out = [0; WINDOW];
            let length = write_number(decimal, &mut out);
            String::from_utf8(out[..length].to_vec()).unwrap()
        };
        let printed = text(Decimal::of(value));
        if let Some(quick) = Decimal::quick(value) {
            assert_eq!(text(quick), printed);
        }
        printed
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
