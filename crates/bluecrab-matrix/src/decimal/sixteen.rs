//! Sixteen decimal digits in one vector.

#[cfg(target_arch = "wasm32")]
use std::arch::wasm32::{
    i8x16_splat, i16x8, i16x8_add, i16x8_mul, i16x8_narrow_i32x4, i32x4_dot_i16x8, i32x4_extract_lane, u8x16_gt,
    u8x16_sub, u16x8_shr, u16x8_splat, v128, v128_and, v128_any_true, v128_load,
};

/// The number that sixteen bytes make where all of them are digits.
#[cfg(target_arch = "wasm32")]
#[inline(always)]
pub fn sixteen_digits(bytes: &[u8; 16]) -> Option<u64> {
    // SAFETY: sixteen bytes can be read there; a load needs no alignment.
    let text = unsafe { v128_load(bytes.as_ptr().cast::<v128>()) };
    let digits = u8x16_sub(text, i8x16_splat(b'0' as i8));
    if v128_any_true(u8x16_gt(digits, i8x16_splat(9))) {
        return None;
    }
    // Pairs, then fours, then eights, the first digit in the lowest place.
    let (first, second) = (v128_and(digits, u16x8_splat(0xff)), u16x8_shr(digits, 8));
    let pairs = i16x8_add(i16x8_mul(first, u16x8_splat(10)), second);
    let fours = i32x4_dot_i16x8(pairs, i16x8(100, 1, 100, 1, 100, 1, 100, 1));
    let fours = i16x8_narrow_i32x4(fours, fours);
    let eights = i32x4_dot_i16x8(fours, i16x8(10_000, 1, 10_000, 1, 10_000, 1, 10_000, 1));
    let (upper, lower) = (i32x4_extract_lane::<0>(eights) as u64, i32x4_extract_lane::<1>(eights) as u64);
    Some(upper * 100_000_000 + lower)
}

/// The number that sixteen bytes make where all of them are digits.
#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
pub fn sixteen_digits(bytes: &[u8; 16]) -> Option<u64> {
    use super::digits::Eight;
    let (upper, lower) = bytes.split_first_chunk::<8>()?;
    let (upper, lower) = (Eight::new(*upper), Eight::new(*lower.first_chunk()?));
    (upper.digits() == 8 && lower.digits() == 8).then(|| upper.whole_value() * 100_000_000 + lower.whole_value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_digits_from_all_other_bytes() {
        let digits = *b"1234567890123456";
        assert_eq!(sixteen_digits(&digits), Some(1_234_567_890_123_456));
        assert_eq!(sixteen_digits(&[b'9'; 16]), Some(9_999_999_999_999_999));
        for byte in (0..=255_u8).filter(|byte| !byte.is_ascii_digit()) {
            for place in 0..16 {
                let mut bytes = digits;
                bytes[place] = byte;
                assert_eq!(sixteen_digits(&bytes), None, "{byte} at {place}");
            }
        }
    }
}
