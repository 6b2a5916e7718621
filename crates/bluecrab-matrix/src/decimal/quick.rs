//! The shortest decimal of a double by the upper bits of one product, which nearly always tell.
//!
//! Schubfach's product, as [`super::shortest`] has it, but in tens of its unit. A unit of the last digit is at most the
//! distance of two doubles, and ten are more: at most one multiple of ten is nearer than half that distance, and where
//! none is, the nearest integer is near enough. To decide by the upper bits is Guo's yy_double.

use super::powers::power_of_ten;
use super::wide::times_nearly;

pub const FRACTION_BITS: u32 = 52;
const EXPONENT_BIAS: i32 = 1075;
const HIDDEN_BIT: u64 = 1 << FRACTION_BITS;

/// The bits of a product's upper word behind the point.
pub const BEHIND: i32 = 4;
/// More than the error of two fractions of 32 bits, both cut off.
pub const ERROR: u32 = 4;

/// What is the same for all doubles of one binary exponent.
pub struct Scale {
    /// Of the last digit.
    pub exponent: i32,
    /// By how much the significand is shifted, and what it is then multiplied by.
    pub shift: i32,
    pub power: [u32; 4],
    /// Half the distance to the next double, in tens of the last digit and 2^-32 of it.
    pub half_distance: u32,
}

impl Scale {
    /// Of a double with this exponent, its bias included.
    #[inline(always)]
    pub fn of(biased: i32) -> Self {
        let binary = biased - EXPONENT_BIAS;
        // floor(log10(2^binary)), and floor(log2(10^-tens)).
        let exponent = (binary * 1_262_611) >> 22;
        let tens = exponent + 1;
        let shift = binary + ((-tens * 1_741_647) >> 19) + 1 + BEHIND;
        let power = power_of_ten(-tens);
        Self { exponent, shift, power, half_distance: power[3] >> (BEHIND + 1 - shift) }
    }
}

/// A positive normal double as digits times 10^exponent; nothing where a bound is as near as the error of what was
/// computed. The digits are 16 or 17 and may end in zeros.
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
        // The double below is nearer than the one above.
        return None;
    }
    // Which it is cannot be foreseen: chosen without a branch, by differences that are negative.
    let negative = |a: u32, b: u32| ((i64::from(a) - i64::from(b)) >> 63) as u64;
    let (below, above) = (negative(rest, half_distance), negative(!half_distance, rest));
    let (short, long) = (above & 10, (ones + (1 << 31)) >> 32);
    let last = long ^ ((long ^ short) & (below | above));
    Some(((high >> BEHIND) * 10 + last, exponent))
}
