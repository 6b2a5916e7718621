//! Converts decimal digits to the nearest double, ties to even.
//!
//! The algorithm is from Lemire, "Number Parsing at a Gigabyte per Second", 2021. Mushtak and Lemire, "Fast Number
//! Parsing Without Fallback", 2023, prove that it decides every number of up to 19 digits.

use super::powers::{self, power_of_ten};
use super::wide::{TOO_SMALL, times_lower, times_upper, times_upper_nearly};

/// Below this exponent even the largest significand rounds to zero.
const SMALLEST_EXPONENT: i64 = powers::FIRST as i64;
/// Above this exponent even the smallest significand is too large for a double.
const LARGEST_EXPONENT: i64 = 308;
const FRACTION_BITS: u32 = 52;
const EXPONENT_BIAS: i32 = 1023;
const INFINITE_EXPONENT: i32 = 0x7ff;
/// The bits of a product that lie below the bits of the double and the rounding bit.
const SPARE_BITS: u64 = u64::MAX >> (FRACTION_BITS + 3);

/// The double nearest to `significand` times 10^`exponent`, or infinity if that is too large for a double.
#[inline(always)]
pub fn nearest(significand: u64, exponent: i64) -> f64 {
    if significand == 0 || exponent < SMALLEST_EXPONENT {
        return 0.0;
    }
    if exponent > LARGEST_EXPONENT {
        return f64::INFINITY;
    }
    let exponent = exponent as i32;
    let leading_zeros = significand.leading_zeros();
    let (high, low) = product(significand << leading_zeros, exponent);
    let upper_bit = (high >> 63) as u32;
    let shift = upper_bit + 64 - FRACTION_BITS - 3;
    let fraction = high >> shift;
    // floor(log2(10^exponent)), corrected by how far the factors were shifted.
    let binary = ((217_706 * exponent) >> 16) + 63 + upper_bit as i32 - leading_zeros as i32 + EXPONENT_BIAS;
    if binary <= 0 {
        return subnormal(fraction, binary);
    }
    // The number lies exactly between two doubles: round to the even one. Only powers of five of at most 64 bits allow
    // this.
    let between = low <= 1 && (-4..=23).contains(&exponent) && fraction & 3 == 1 && fraction << shift == high;
    assemble(if between { fraction - 1 } else { fraction }, binary)
}

/// The double nearest to `significand` / 10^`places`, for at most 30 places. The upper bits of the product nearly
/// always decide.
#[inline(always)]
pub fn nearest_fraction(significand: u64, places: usize) -> f64 {
    if significand == 0 {
        return 0.0;
    }
    let exponent = -(places as i32);
    let leading_zeros = significand.leading_zeros();
    let high = times_upper_nearly(significand << leading_zeros, &power_of_ten(exponent));
    let upper_bit = (high >> 63) as u32;
    let fraction = high >> (upper_bit + 64 - FRACTION_BITS - 3);
    // The error could carry through the spare bits, or the spare bits could be zero with the number exactly between two
    // doubles.
    if high.wrapping_add(NEARLY) & SPARE_BITS <= NEARLY && (high & SPARE_BITS != 0 || fraction & 1 == 1) {
        return nearest_at_length(significand, exponent);
    }
    let binary = ((217_706 * exponent) >> 16) + 63 + upper_bit as i32 - leading_zeros as i32 + EXPONENT_BIAS;
    // The highest bit of the fraction adds one to the exponent. If rounding carries beyond it, the exponent is right as
    // well.
    f64::from_bits((((binary - 1) as u64) << FRACTION_BITS) + ((fraction + (fraction & 1)) >> 1))
}

/// How much too small [`times_upper_nearly`] can be for a power that was rounded down.
const NEARLY: u64 = TOO_SMALL + 1;

#[inline(never)]
fn nearest_at_length(significand: u64, exponent: i32) -> f64 {
    nearest(significand, i64::from(exponent))
}

/// The upper 128 bits of `significand` times the power, exact in every bit that decides the rounding.
#[inline(always)]
fn product(significand: u64, exponent: i32) -> (u64, u64) {
    let mut power = power_of_ten(exponent);
    let (mut high, mut low) = times_upper(significand, &power);
    if high & SPARE_BITS == SPARE_BITS {
        if exponent < 0 {
            // An inverse power is never exact, so its significand is rounded up.
            round_up(&mut power);
        }
        let (carry, _) = times_lower(significand, &power);
        let overflow;
        (low, overflow) = low.overflowing_add(carry);
        high += u64::from(overflow);
    }
    (high, low)
}

fn round_up(power: &mut [u32; 4]) {
    for word in power {
        *word = word.wrapping_add(1);
        if *word != 0 {
            return;
        }
    }
}

/// Builds a double from a biased exponent and a fraction of 54 bits, whose last bit is the rounding bit.
#[inline(always)]
fn assemble(fraction: u64, binary: i32) -> f64 {
    let rounded = (fraction + (fraction & 1)) >> 1;
    let carried = (rounded >> (FRACTION_BITS + 1)) as i32;
    let binary = binary + carried;
    if binary >= INFINITE_EXPONENT {
        return f64::INFINITY;
    }
    let fraction = (rounded >> carried) & ((1 << FRACTION_BITS) - 1);
    f64::from_bits((binary as u64) << FRACTION_BITS | fraction)
}

#[cold]
fn subnormal(fraction: u64, binary: i32) -> f64 {
    let places = 1 - binary;
    if places >= 64 {
        return 0.0;
    }
    let fraction = fraction >> places;
    // If rounding up makes it the smallest normal double, the carry sets exactly the exponent's lowest bit.
    f64::from_bits((fraction + (fraction & 1)) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn agrees(significand: u64, exponent: i64) -> Result<(), TestCaseError> {
        let expected: f64 = format!("{significand}e{exponent}").parse().unwrap();
        let ours = nearest(significand, exponent);
        prop_assert_eq!(ours.to_bits(), expected.to_bits(), "{}e{}: {:e}", significand, exponent, ours);
        if (-30..=0).contains(&exponent) {
            let ours = nearest_fraction(significand, exponent.unsigned_abs() as usize);
            prop_assert_eq!(ours.to_bits(), expected.to_bits(), "{}e{}: {:e}", significand, exponent, ours);
        }
        Ok(())
    }

    #[test]
    fn rounds_at_every_edge() {
        for exponent in -400..400 {
            for significand in [1, 2, 5, 9, 17, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, u64::MAX, 9_007_199_254_740_993]
            {
                agrees(significand, exponent).unwrap();
            }
        }
        for (significand, exponent) in [
            (22_250_738_585_072_011, -324),
            (22_250_738_585_072_012, -324),
            (24_703_282_292_062_327, -340),
            (24_703_282_292_062_328, -340),
            (49_406_564_584_124_654, -340),
            (17_976_931_348_623_157, 292),
            (17_976_931_348_623_158, 292),
            (17_976_931_348_623_159, 292),
            (8_589_973_000_000_000, 0),
            (90_071_992_547_409_925, -1),
        ] {
            agrees(significand, exponent).unwrap();
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn equals_the_standard_library(significand: u64, bits in 0_u32..64, exponent in -345_i64..312) {
            agrees(significand >> bits, exponent)?;
        }

        #[test]
        fn rounds_fractions(significand: u64, bits in 0_u32..64, places in 0_i64..31) {
            agrees(significand >> bits, -places)?;
            // Doubles themselves, and numbers between two of them.
            for exact in [1 << 20 | significand >> bits & !(u64::MAX >> 11), 5_u64.pow(places as u32 % 20)] {
                agrees(exact, -places)?;
            }
        }

        #[test]
        fn rounds_what_lies_between_two_doubles(bits in 0_u64..1 << 53, exponent in -4_i64..24) {
            // Odd multiples of half a unit in the last place, if they are integers at that exponent.
            agrees((bits << 1 | 1) << 10, exponent)?;
            agrees(bits << 1 | 1, exponent)?;
        }
    }
}
