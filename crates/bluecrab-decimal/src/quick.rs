//! Finds the shortest decimal of a double from the upper bits of one product, which decide nearly always.
//!
//! The product is Schubfach's, as in [`super::shortest`], but counts in tens of the last digit. A unit of the last
//! digit is at most the distance between two doubles, and ten units are more. So at most one multiple of ten lies
//! within half that distance. If there is no such multiple, the nearest integer lies within it. Deciding by the upper
//! bits is the idea of Guo's yy_double.

use super::powers::power_of_ten;
use super::wide::times_nearly;

pub const FRACTION_BITS: u32 = 52;
const EXPONENT_BIAS: i32 = 1075;
const HIDDEN_BIT: u64 = 1 << FRACTION_BITS;

/// How many bits of the product's upper word lie after the point.
pub const BEHIND: i32 = 4;
/// An upper bound of the error of two 32-bit fractions that were rounded down.
pub const ERROR: u32 = 4;

/// The values that all doubles of one binary exponent share.
pub struct Scale {
    /// The decimal exponent of the last digit.
    pub exponent: i32,
    /// How far to shift the significand before it is multiplied by `power`.
    pub shift: i32,
    pub power: [u32; 4],
    /// Half the distance to the next double, in tens of the last digit, as a fraction of 2^32.
    pub half_distance: u32,
}

impl Scale {
    /// The scale of doubles with this biased exponent.
    #[inline(always)]
    pub fn of(biased: i32) -> Self {
        let binary = biased - EXPONENT_BIAS;
        // floor(log10(2^binary)) and floor(log2(10^-tens)).
        let exponent = (binary * 1_262_611) >> 22;
        let tens = exponent + 1;
        let shift = binary + ((-tens * 1_741_647) >> 19) + 1 + BEHIND;
        let power = power_of_ten(-tens);
        Self { exponent, shift, power, half_distance: power[3] >> (BEHIND + 1 - shift) }
    }
}

/// Converts a positive normal double to 16 or 17 digits times 10^exponent. The digits may end in zeros. Returns `None`
/// if a bound is so close that the error of the product could change the result.
#[inline(always)]
pub fn quick(value: f64) -> Option<(u64, i32)> {
    let bits = value.to_bits();
    let fraction = bits & (HIDDEN_BIT - 1);
    let Scale { exponent, shift, power, half_distance } = Scale::of((bits >> FRACTION_BITS) as i32);
    let (high, low) = times_nearly((fraction | HIDDEN_BIT) << shift, &power);
    let rest = (high << (32 - BEHIND)) as u32 | (low >> (32 + BEHIND)) as u32;
    let ones = 10 * u64::from(rest);
    let unsure = |difference: u32, error: u32| difference.wrapping_add(error) <= 2 * error;
    if unsure(rest.wrapping_sub(half_distance), ERROR)
        || unsure(rest.wrapping_add(half_distance), ERROR)
        || unsure((ones as u32).wrapping_sub(1 << 31), 10 * ERROR)
    {
        return None;
    }
    if fraction == 0 && rest >= half_distance / 4 {
        // The next double below is closer than the next one above.
        return None;
    }
    // A branch here would be mispredicted often, so the sign of the differences selects the digit.
    let negative = |a: u32, b: u32| ((i64::from(a) - i64::from(b)) >> 63) as u64;
    let (below, above) = (negative(rest, half_distance), negative(!half_distance, rest));
    let (short, long) = (above & 10, (ones + (1 << 31)) >> 32);
    let last = long ^ ((long ^ short) & (below | above));
    Some(((high >> BEHIND) * 10 + last, exponent))
}
