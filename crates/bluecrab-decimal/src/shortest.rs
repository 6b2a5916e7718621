//! Converts a double to the shortest decimal that reads back as the same double, and to the nearest such decimal if
//! there are several.
//!
//! This is Schubfach: Giulietti, "The Schubfach way to render doubles", 2020, in the form of Neuhauser's Drachennest.
//! The paper's three products differ by multiples of the power, so one product and two sums are enough here. It handles
//! the doubles that [`super::quick`] cannot decide.

use super::powers::{LAST_EXACT, power_of_ten};
use super::wide::times_all;

const FRACTION_BITS: u32 = 52;
const EXPONENT_BIAS: i32 = 1075;
const HIDDEN_BIT: u64 = 1 << FRACTION_BITS;

/// Converts a positive finite double to digits times 10^exponent. The digits may end in zeros.
#[cold]
#[inline(never)]
pub fn shortest(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let (fraction, biased) = (bits & (HIDDEN_BIT - 1), (bits >> FRACTION_BITS) as i32);
    let (significand, binary) = match biased {
        0 => (fraction, 1 - EXPONENT_BIAS),
        _ => (fraction | HIDDEN_BIT, biased - EXPONENT_BIAS),
    };
    decimal(significand, binary, fraction == 0 && biased > 1)
}

/// Converts a positive finite `f32` to digits times 10^exponent. The digits may end in zeros.
pub fn shortest_single(value: f32) -> (u64, i32) {
    const FRACTION_BITS: u32 = 23;
    let bits = value.to_bits();
    let (fraction, biased) = (bits & ((1 << FRACTION_BITS) - 1), (bits >> FRACTION_BITS) as i32);
    let (significand, binary) = match biased {
        0 => (fraction, -149),
        _ => (fraction | 1 << FRACTION_BITS, biased - 150),
    };
    decimal(u64::from(significand), binary, fraction == 0 && biased > 1)
}

/// The shortest decimal of `significand` times 2^`binary`, whose neighbours are one unit of the significand away. If
/// `lower_is_closer`, the next number below is only half a unit away.
fn decimal(significand: u64, binary: i32, lower_is_closer: bool) -> (u64, i32) {
    if (-52..=0).contains(&binary) && significand.trailing_zeros() >= binary.unsigned_abs() {
        return (significand >> binary.unsigned_abs(), 0);
    }
    if lower_is_closer { search::<true>(significand, binary) } else { search::<false>(significand, binary) }
}

fn search<const LOWER_IS_CLOSER: bool>(significand: u64, binary: i32) -> (u64, i32) {
    // floor(log10(2^binary)), or floor(log10(3/4 * 2^binary)) if the lower neighbour is closer.
    let exponent = (binary * 1_262_611 - if LOWER_IS_CLOSER { 524_031 } else { 0 }) >> 22;
    let shift = (binary + ((-exponent * 1_741_647) >> 19) + 1) as u32;
    let power = rounded_up(-exponent);
    let product = times_all(significand << 2 << shift, power);
    let lower_step = times_power_of_two(power, if LOWER_IS_CLOSER { shift } else { shift + 1 });
    let upper_step = times_power_of_two(power, shift + 1);
    let odd = significand & 1;
    // Bounds in quarters of a unit in the last digit.
    let middle = round_to_odd(product);
    let lower = round_to_odd(minus(product, lower_step)) + odd;
    let upper = round_to_odd(plus(product, upper_step)) - odd;
    let digits = middle >> 2;
    if digits >= 10 {
        let tens = digits / 10;
        let (below, above) = (lower <= 40 * tens, 40 * tens + 40 <= upper);
        if below != above {
            return (tens + u64::from(above), exponent + 1);
        }
    }
    let (below, above) = (lower <= 4 * digits, 4 * digits + 4 <= upper);
    if below != above {
        return (digits + u64::from(above), exponent);
    }
    let half = 4 * digits + 2;
    let up = middle > half || (middle == half && digits & 1 == 1);
    (digits + u64::from(up), exponent)
}

/// The significand of 10^exponent, rounded up, the least significant word first.
#[inline(always)]
fn rounded_up(exponent: i32) -> [u64; 2] {
    let [a, b, c, d] = power_of_ten(exponent).map(u64::from);
    let inexact = !(0..=LAST_EXACT).contains(&exponent);
    let (low, carry) = (b << 32 | a).overflowing_add(u64::from(inexact));
    [low, (d << 32 | c) + u64::from(carry)]
}

/// Returns the integer part of a product. The last bit is set if the product is not an integer: the part that is cut
/// off is then larger than the rounding error of the power.
#[inline(always)]
fn round_to_odd([_, middle, high]: [u64; 3]) -> u64 {
    high | u64::from(middle > 1)
}

#[inline(always)]
fn times_power_of_two([low, high]: [u64; 2], shift: u32) -> [u64; 3] {
    [low << shift, high << shift | low >> (64 - shift), high >> (64 - shift)]
}

#[inline(always)]
fn plus(a: [u64; 3], b: [u64; 3]) -> [u64; 3] {
    let (low, carry) = a[0].overflowing_add(b[0]);
    let (middle, carry_one) = a[1].overflowing_add(b[1]);
    let (middle, carry_two) = middle.overflowing_add(u64::from(carry));
    [low, middle, a[2] + b[2] + u64::from(carry_one) + u64::from(carry_two)]
}

#[inline(always)]
fn minus(a: [u64; 3], b: [u64; 3]) -> [u64; 3] {
    let (low, borrow) = a[0].overflowing_sub(b[0]);
    let (middle, borrow_one) = a[1].overflowing_sub(b[1]);
    let (middle, borrow_two) = middle.overflowing_sub(u64::from(borrow));
    [low, middle, a[2] - b[2] - u64::from(borrow_one) - u64::from(borrow_two)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quick::quick;
    use proptest::prelude::*;

    /// Removes the zeros at the end of the digits and adjusts the exponent.
    fn normal((mut digits, mut exponent): (u64, i32)) -> (u64, i32) {
        while digits % 10 == 0 {
            digits /= 10;
            exponent += 1;
        }
        (digits, exponent)
    }

    /// The same digits from `ryu`, an independent implementation of another algorithm.
    fn by_ryu(value: f64) -> (u64, i32) {
        let text = format!("{:e}", value);
        let mut buffer = ryu_js::Buffer::new();
        let printed: f64 = buffer.format_finite(value).parse().unwrap();
        assert_eq!(printed.to_bits(), value.to_bits(), "{text}");
        let digits: String = buffer.format_finite(value).split(['e']).next().unwrap().replace('.', "");
        let printed = buffer.format_finite(value);
        let (mantissa, exponent) = printed.split_once('e').map_or((printed, 0), |(m, e)| (m, e.parse().unwrap()));
        let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i32);
        let digits = digits.trim_start_matches('0');
        let zeros = digits.len() - digits.trim_end_matches('0').len();
        let exponent: i32 = exponent;
        (digits.trim_end_matches('0').parse().unwrap(), exponent - fraction + zeros as i32)
    }

    #[test]
    fn finds_the_known_ones() {
        for (value, digits, exponent) in [
            (1.0, 1, 0),
            (0.1, 1, -1),
            (5e-324, 5, -324),
            (f64::MAX, 17_976_931_348_623_157, 292),
            (f64::MIN_POSITIVE, 22_250_738_585_072_014, -324),
            (9_007_199_254_740_993.0, 9_007_199_254_740_992, 0),
            (f64::from_bits(0x42be_193f_baa7_7990), 33_093_792_212_857_562, -3),
            (2.0_f64.powi(-1074 + 60), 5_696_189_077_778_436, -321),
            (1e23, 1, 23),
            (9.5e-7, 95, -8),
        ] {
            assert_eq!(normal(shortest(value)), (digits, exponent), "{value:e}");
        }
    }

    #[test]
    fn equals_ryu_at_every_power() {
        for biased in 0..0x7ff_u64 {
            for fraction in [0, 1, 2, HIDDEN_BIT / 2, HIDDEN_BIT - 2, HIDDEN_BIT - 1] {
                let value = f64::from_bits(biased << FRACTION_BITS | fraction);
                if value > 0.0 {
                    assert_eq!(normal(shortest(value)), by_ryu(value), "{value:e}");
                    let found = quick(value).filter(|_| biased > 0);
                    assert_eq!(found.map_or_else(|| by_ryu(value), normal), by_ryu(value), "{value:e}");
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn equals_ryu(bits in 1_u64..0x7ff0_0000_0000_0000, decimal in 1_u64..1_000_000, exponent in -30_i32..30) {
            for value in [f64::from_bits(bits), decimal as f64 * 10_f64.powi(exponent)] {
                prop_assert_eq!(normal(shortest(value)), by_ryu(value), "{:e}", value);
                if let Some(found) = quick(value).filter(|_| value.is_normal()) {
                    prop_assert_eq!(normal(found), by_ryu(value), "{:e}", value);
                }
            }
        }
    }
}
