//! [`super::quick`] for four doubles of one magnitude, as neighbours in a matrix mostly are: one power of ten for all, and
//! two or four of them in a vector.

use super::quick::{BEHIND, ERROR, FRACTION_BITS, Scale};
use super::write::{BATCH, DIGITS, Decimals};
use std::arch::wasm32::{
    i32x4_add, i32x4_gt, i32x4_lt, i32x4_shl, i32x4_shuffle, i32x4_splat, i32x4_sub, i64x2_add, i64x2_eq,
    i64x2_extend_high_u32x4, i64x2_extend_low_u32x4, i64x2_lt, i64x2_shl, i64x2_splat, u32x4_le, u32x4_shr, u32x4_splat,
    u64x2_extmul_high_u32x4, u64x2_extmul_low_u32x4, u64x2_shr, v128, v128_and, v128_andnot, v128_any_true,
    v128_bitselect, v128_load, v128_or, v128_store, v128_xor,
};

/// The decimals of doubles of one binary exponent; nothing where they are of several, or one takes longer to find.
#[inline(always)]
pub fn quick_together(values: &[f64; BATCH]) -> Option<Decimals> {
    let [a, b, c, d] = values.map(f64::to_bits);
    let others = (a ^ b) | (a ^ c) | (a ^ d);
    let biased = (a >> FRACTION_BITS) as i32 & 0x7ff;
    if others << 1 >> (FRACTION_BITS + 1) != 0 || (biased - 1) as u32 >= 0x7fe {
        return None;
    }
    let Scale { exponent, shift, power, half_distance } = Scale::of(biased);
    // SAFETY: there are four doubles; a load needs no alignment.
    let (one, two) = unsafe { (v128_load(values.as_ptr().cast()), v128_load(values[2..].as_ptr().cast())) };
    let top = i64x2_splat(i64::MIN);
    let significands = |bits| u64x2_shr(v128_or(i64x2_shl(bits, 11), top), (11 - shift) as u32);
    let (first, second) = (significands(one), significands(two));
    let lower_words = i32x4_shuffle::<0, 2, 4, 6>(first, second);
    let upper_words = i32x4_shuffle::<1, 3, 5, 7>(first, second);
    let word = |index: usize| u32x4_splat(power[index]);
    let (a, b, c) = (word(3), word(2), word(1));
    // As `times_nearly`.
    let (high, middle) = sums(
        u64x2_extmul_low_u32x4(lower_words, a),
        u64x2_extmul_low_u32x4(upper_words, a),
        u64x2_extmul_low_u32x4(lower_words, b),
        u64x2_extmul_low_u32x4(upper_words, b),
        u64x2_extmul_low_u32x4(upper_words, c),
    );
    let (high_two, middle_two) = sums(
        u64x2_extmul_high_u32x4(lower_words, a),
        u64x2_extmul_high_u32x4(upper_words, a),
        u64x2_extmul_high_u32x4(lower_words, b),
        u64x2_extmul_high_u32x4(upper_words, b),
        u64x2_extmul_high_u32x4(upper_words, c),
    );
    let rest = v128_or(
        i32x4_shl(i32x4_shuffle::<0, 2, 4, 6>(high, high_two), 32 - BEHIND as u32),
        u32x4_shr(i32x4_shuffle::<0, 2, 4, 6>(middle, middle_two), BEHIND as u32),
    );
    // A tenth of the last digit's tens is 2^28 of these.
    let ones = times_ten(u32x4_shr(rest, 4));
    let unsure = |difference, error: u32| u32x4_le(i32x4_add(difference, u32x4_splat(error)), u32x4_splat(2 * error));
    let powers_of_two = i64x2_splat(1 << (FRACTION_BITS as i32 + shift));
    let slow = v128_or(
        v128_or(
            unsure(i32x4_sub(rest, u32x4_splat(half_distance)), ERROR),
            unsure(i32x4_add(rest, u32x4_splat(half_distance)), ERROR),
        ),
        v128_or(
            unsure(i32x4_shl(i32x4_sub(ones, u32x4_splat(1 << 27)), 4), 10 * (ERROR + 16)),
            v128_or(i64x2_eq(first, powers_of_two), i64x2_eq(second, powers_of_two)),
        ),
    );
    if v128_any_true(slow) {
        return None;
    }
    let signed = |word: u32| i32x4_splat((word ^ 1 << 31) as i32);
    let rest = v128_xor(rest, i32x4_splat(i32::MIN));
    let below = i32x4_lt(rest, signed(half_distance));
    let above = i32x4_gt(rest, signed(!half_distance));
    let long = u32x4_shr(i32x4_add(ones, u32x4_splat(1 << 27)), 28);
    let last = v128_or(v128_and(above, u32x4_splat(10)), v128_andnot(long, v128_or(below, above)));
    let digits = |high, last| i64x2_add(times_ten_wide(u64x2_shr(high, BEHIND as u32)), last);
    let (digits, digits_two) =
        (digits(high, i64x2_extend_low_u32x4(last)), digits(high_two, i64x2_extend_high_u32x4(last)));
    let least = i64x2_splat(10_i64.pow(DIGITS as u32 - 1));
    let (short, short_two) = (i64x2_lt(digits, least), i64x2_lt(digits_two, least));
    let mut decimals = Decimals::default();
    // SAFETY: there is room for four of each; a store needs no alignment.
    unsafe {
        let place = decimals.digits.as_mut_ptr().cast::<v128>();
        v128_store(place, v128_bitselect(times_ten_wide(digits), digits, short));
        v128_store(place.add(1), v128_bitselect(times_ten_wide(digits_two), digits_two, short_two));
        let points = i32x4_add(i32x4_shuffle::<0, 2, 4, 6>(short, short_two), i32x4_splat(exponent + DIGITS as i32));
        v128_store(decimals.points.as_mut_ptr().cast(), points);
        v128_store(decimals.signs.as_mut_ptr().cast(), u32x4_shr(i32x4_shuffle::<1, 3, 5, 7>(one, two), 31));
    }
    Some(decimals)
}

/// The upper words of a product, and its middle word in the lower half.
#[inline(always)]
fn sums(a_lower: v128, a_upper: v128, b_lower: v128, b_upper: v128, c_upper: v128) -> (v128, v128) {
    let lower = i64x2_add(b_upper, i64x2_add(u64x2_shr(b_lower, 32), u64x2_shr(c_upper, 32)));
    let middle = i64x2_add(u64x2_shr(i64x2_shl(a_lower, 32), 32), lower);
    (i64x2_add(a_upper, i64x2_add(u64x2_shr(a_lower, 32), u64x2_shr(middle, 32))), middle)
}

#[inline(always)]
fn times_ten(words: v128) -> v128 {
    i32x4_add(i32x4_shl(words, 3), i32x4_shl(words, 1))
}

#[inline(always)]
fn times_ten_wide(words: v128) -> v128 {
    i64x2_add(i64x2_shl(words, 3), i64x2_shl(words, 1))
}
