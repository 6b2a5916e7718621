//! [`super::quick`] for four doubles with the same exponent, which neighbours in a matrix usually have. One power of
//! ten serves all four, and a vector holds two or four of them.

use super::quick::{BEHIND, ERROR, FRACTION_BITS, Scale};
use super::write::{BATCH, DIGITS, Decimals};
use std::arch::wasm32::{
    i32x4_add, i32x4_gt, i32x4_lt, i32x4_shl, i32x4_shuffle, i32x4_splat, i32x4_sub, i64x2_add, i64x2_eq,
    i64x2_extend_high_u32x4, i64x2_extend_low_u32x4, i64x2_lt, i64x2_shl, i64x2_splat, u32x4_le, u32x4_shr,
    u32x4_splat, u64x2_extmul_high_u32x4, u64x2_extmul_low_u32x4, u64x2_shr, v128, v128_and, v128_andnot,
    v128_any_true, v128_bitselect, v128_load, v128_or, v128_store, v128_xor,
};

/// The shortest decimals of four doubles. Returns `None` if their binary exponents differ, or if the quick algorithm
/// cannot decide for one of them.
#[inline(always)]
pub fn quick_together(values: &[f64; BATCH]) -> Option<Decimals> {
    let biased = common_exponent(values)?;
    let Scale { exponent, shift, power, half_distance } = Scale::of(biased);
    // SAFETY: `values` has four doubles, and the loads need no alignment.
    let bits: [v128; 2] = unsafe { [v128_load(values.as_ptr().cast()), v128_load(values[2..].as_ptr().cast())] };
    let significands = bits.map(|bits| {
        let hidden_bit = i64x2_splat(i64::MIN);
        u64x2_shr(v128_or(i64x2_shl(bits, 11), hidden_bit), (11 - shift) as u32)
    });
    let [high, middle] = times_nearly(significands, &power);
    let rest = v128_or(i32x4_shl(lower_words(high), 32 - BEHIND as u32), u32x4_shr(lower_words(middle), BEHIND as u32));
    // Ten times the part after the point, in units of 2^-28. Its last four bits are left out to make room.
    let ones = times_ten(u32x4_shr(rest, 4));

    let half = u32x4_splat(half_distance);
    let power_of_two = i64x2_splat(1 << (FRACTION_BITS as i32 + shift));
    let slow = any_of([
        unsure(i32x4_sub(rest, half), ERROR),
        unsure(i32x4_add(rest, half), ERROR),
        unsure(i32x4_shl(i32x4_sub(ones, u32x4_splat(1 << 27)), 4), 10 * (ERROR + 16)),
        // The next double below is closer than the next one above.
        i64x2_eq(significands[0], power_of_two),
        i64x2_eq(significands[1], power_of_two),
    ]);
    if v128_any_true(slow) {
        return None;
    }
    let rest = v128_xor(rest, i32x4_splat(i32::MIN));
    let below = i32x4_lt(rest, signed(half_distance));
    let above = i32x4_gt(rest, signed(!half_distance));
    let long = u32x4_shr(i32x4_add(ones, u32x4_splat(1 << 27)), 28);
    let last = v128_or(v128_and(above, u32x4_splat(10)), v128_andnot(long, v128_or(below, above)));
    let digits = |high, last| i64x2_add(times_ten_wide(u64x2_shr(high, BEHIND as u32)), last);
    let digits = [digits(high[0], i64x2_extend_low_u32x4(last)), digits(high[1], i64x2_extend_high_u32x4(last))];

    let missing = digits.map(|digits| i64x2_lt(digits, i64x2_splat(10_i64.pow(DIGITS as u32 - 1))));
    let complete = |half: usize| v128_bitselect(times_ten_wide(digits[half]), digits[half], missing[half]);
    let points = i32x4_add(lower_words(missing), i32x4_splat(exponent + DIGITS as i32));
    let mut decimals = Decimals::default();
    // SAFETY: each array has room for four values, and the stores need no alignment.
    unsafe {
        v128_store(decimals.digits.as_mut_ptr().cast(), complete(0));
        v128_store(decimals.digits[2..].as_mut_ptr().cast(), complete(1));
        v128_store(decimals.points.as_mut_ptr().cast(), points);
        v128_store(decimals.signs.as_mut_ptr().cast(), u32x4_shr(upper_words(bits), 31));
    }
    Some(decimals)
}

/// The biased exponent that all values share. Returns `None` if they differ, or for zeros, subnormals, infinities and
/// NaN.
#[inline(always)]
fn common_exponent(values: &[f64; BATCH]) -> Option<i32> {
    let [first, others @ ..] = values.map(f64::to_bits);
    let differences = others.iter().fold(0, |all, other| all | (first ^ other));
    let exponent = |bits: u64| bits << 1 >> (FRACTION_BITS + 1);
    let biased = exponent(first) as i32;
    (exponent(differences) == 0 && (1..0x7ff).contains(&biased)).then_some(biased)
}

/// Multiplies both vectors by a power, as [`times_nearly`](super::wide::times_nearly) does, and returns the upper word
/// of each product and 32 bits of the middle word.
#[inline(always)]
fn times_nearly(numbers: [v128; 2], power: &[u32; 4]) -> [[v128; 2]; 2] {
    let [_, c, b, a] = power.map(|word| u32x4_splat(word));
    let (lower, upper) = (lower_words(numbers), upper_words(numbers));
    let sums = |a_lower, a_upper, b_lower, b_upper, c_upper| {
        let rounded = i64x2_add(b_upper, i64x2_add(u64x2_shr(b_lower, 32), u64x2_shr(c_upper, 32)));
        let middle = i64x2_add(u64x2_shr(i64x2_shl(a_lower, 32), 32), rounded);
        (i64x2_add(a_upper, i64x2_add(u64x2_shr(a_lower, 32), u64x2_shr(middle, 32))), middle)
    };
    let low = |one, two| u64x2_extmul_low_u32x4(one, two);
    let high = |one, two| u64x2_extmul_high_u32x4(one, two);
    let (one, middle_one) = sums(low(lower, a), low(upper, a), low(lower, b), low(upper, b), low(upper, c));
    let (two, middle_two) = sums(high(lower, a), high(upper, a), high(lower, b), high(upper, b), high(upper, c));
    [[one, two], [middle_one, middle_two]]
}

/// Whether a difference is so close to zero that the error could change its sign.
#[inline(always)]
fn unsure(difference: v128, error: u32) -> v128 {
    u32x4_le(i32x4_add(difference, u32x4_splat(error)), u32x4_splat(2 * error))
}

#[inline(always)]
fn any_of<const N: usize>(masks: [v128; N]) -> v128 {
    masks.into_iter().fold(i32x4_splat(0), |all, mask| v128_or(all, mask))
}

/// Flips the upper bit, so that a signed comparison orders unsigned words.
#[inline(always)]
fn signed(word: u32) -> v128 {
    i32x4_splat((word ^ 1 << 31) as i32)
}

#[inline(always)]
fn lower_words([one, two]: [v128; 2]) -> v128 {
    i32x4_shuffle::<0, 2, 4, 6>(one, two)
}

#[inline(always)]
fn upper_words([one, two]: [v128; 2]) -> v128 {
    i32x4_shuffle::<1, 3, 5, 7>(one, two)
}

#[inline(always)]
fn times_ten(words: v128) -> v128 {
    i32x4_add(i32x4_shl(words, 3), i32x4_shl(words, 1))
}

#[inline(always)]
fn times_ten_wide(words: v128) -> v128 {
    i64x2_add(i64x2_shl(words, 3), i64x2_shl(words, 1))
}
