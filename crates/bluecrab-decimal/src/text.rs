//! Prints sixteen decimal digits: in one vector on WebAssembly, in two words elsewhere.

pub use imp::Sixteen;

#[cfg(target_feature = "simd128")]
mod imp {
    use std::arch::wasm32::{
        i8x16_bitmask, i8x16_eq, i8x16_splat, i8x16_swizzle, i16x8_mul, i16x8_shl, i16x8_sub, i32x4_dot_i16x8,
        i32x4_mul, i32x4_shl, i32x4_sub, i64x2_extend_low_u32x4, i64x2_extmul_low_u32x4, i64x2_shl, u16x8_shr,
        u16x8_splat, u32x4_shr, u32x4_splat, u64x2_shr, u64x2_splat, v128, v128_load, v128_or, v128_store,
    };

    #[derive(Clone, Copy)]
    pub struct Sixteen(v128);

    impl Sixteen {
        /// The digits of two numbers below 10^8, with leading zeros. Splits eight digits into fours, fours into pairs
        /// and pairs into digits, the first digit in the lowest byte. Each step divides by a multiplication and puts
        /// the remainder next to the quotient.
        #[inline(always)]
        pub fn new(upper: u64, lower: u64) -> Self {
            let eights = u64x2_splat(lower << 32 | upper);
            let quotients = u64x2_shr(i64x2_extmul_low_u32x4(eights, u32x4_splat(109_951_163)), 40);
            let rests = i32x4_sub(i64x2_extend_low_u32x4(eights), i32x4_mul(quotients, u32x4_splat(10_000)));
            let fours = v128_or(quotients, i64x2_shl(rests, 32));
            let quotients = u32x4_shr(i32x4_dot_i16x8(fours, u32x4_splat(5243)), 19);
            let pairs = i32x4_sub(i32x4_shl(fours, 16), i32x4_mul(quotients, u32x4_splat((100 << 16) - 1)));
            let quotients = u16x8_shr(i16x8_mul(pairs, u16x8_splat(103)), 10);
            let digits = i16x8_sub(i16x8_shl(pairs, 8), i16x8_mul(quotients, u16x8_splat((10 << 8) - 1)));
            Self(v128_or(digits, i8x16_splat(b'0' as i8)))
        }

        /// Counts the zeros at the end of the digits.
        #[inline(always)]
        pub fn zeros_at_end(self) -> usize {
            let zeros = u32::from(i8x16_bitmask(i8x16_eq(self.0, i8x16_splat(b'0' as i8))));
            (zeros << 16).leading_ones() as usize
        }

        #[inline(always)]
        pub fn store(self, out: &mut [u8; 16]) {
            // SAFETY: `out` has sixteen bytes, and the store needs no alignment.
            unsafe { v128_store(out.as_mut_ptr().cast::<v128>(), self.0) };
        }

        /// Stores the digits with a decimal point after the first `before` digits, at most 15.
        #[inline(always)]
        pub fn store_with_point(self, out: &mut [u8; 17], before: usize) {
            if let Some(behind) = out.last_chunk_mut() {
                self.store(behind);
            }
            if let Some(all) = out.first_chunk_mut() {
                // SAFETY: a row of the table has sixteen bytes, and the load needs no alignment.
                let row = unsafe { v128_load(PLACES[before & 15].as_ptr().cast::<v128>()) };
                Self(i8x16_swizzle(self.0, row)).store(all);
            }
            out[before & 15] = b'.';
        }
    }

    /// For each number of digits before the point: where each byte comes from when the digits after it move by one
    /// place.
    static PLACES: [[u8; 16]; 16] = {
        let mut rows = [[0; 16]; 16];
        let mut index = 0;
        while index < 256 {
            let (before, place) = (index / 16, index % 16);
            rows[before][place] = if place > before { place - 1 } else { place } as u8;
            index += 1;
        }
        rows
    };
}

#[cfg(not(target_feature = "simd128"))]
mod imp {
    const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);

    /// The first eight digits and the last eight, the first digit of each in the lowest byte.
    #[derive(Clone, Copy)]
    pub struct Sixteen(u64, u64);

    impl Sixteen {
        /// The digits of two numbers below 10^8, with leading zeros.
        #[inline(always)]
        pub fn new(upper: u64, lower: u64) -> Self {
            Self(write_eight(upper), write_eight(lower))
        }

        /// Counts the zeros at the end of the digits.
        #[inline(always)]
        pub fn zeros_at_end(self) -> usize {
            let zeros = match self.1 ^ ZEROS {
                0 => 8 + (self.0 ^ ZEROS).leading_zeros() / 8,
                last => last.leading_zeros() / 8,
            };
            zeros as usize
        }

        #[inline(always)]
        pub fn store(self, out: &mut [u8; 16]) {
            out[..8].copy_from_slice(&self.0.to_le_bytes());
            out[8..].copy_from_slice(&self.1.to_le_bytes());
        }

        /// Stores the digits with a decimal point after the first `before` digits, at most 15.
        #[inline(always)]
        pub fn store_with_point(self, out: &mut [u8; 17], before: usize) {
            let before = before & 15;
            // Writes the digits after the point again, one place further.
            out[..8].copy_from_slice(&self.0.to_le_bytes());
            if before <= 8 {
                out[before + 1..before + 9].copy_from_slice(&shifted(self.0, before).to_le_bytes());
                out[9..].copy_from_slice(&self.1.to_le_bytes());
            } else {
                let last = self.1.to_le_bytes();
                out[8..16].copy_from_slice(&last);
                out[before + 1..].copy_from_slice(&last[before - 8..]);
            }
            out[before] = b'.';
        }
    }

    /// Removes the first bytes of a word.
    #[inline(always)]
    fn shifted(word: u64, bytes: usize) -> u64 {
        word.checked_shr(8 * bytes as u32).unwrap_or(0)
    }

    /// The eight digits of a number below 10^8 in ASCII, with leading zeros, the first digit in the lowest byte.
    #[inline(always)]
    fn write_eight(number: u64) -> u64 {
        digits_of(number) | ZEROS
    }

    /// Splits into fours, then pairs, then digits. Each step divides by a multiplication and puts the remainder next to
    /// the quotient.
    #[inline(always)]
    fn digits_of(number: u64) -> u64 {
        let upper = (number * 109_951_163) >> 40;
        let fours = upper | (number - upper * 10_000) << 32;
        let upper = ((fours * 5243) >> 19) & 0x0000_007f_0000_007f;
        let pairs = upper | (fours - upper * 100) << 16;
        let upper = ((pairs * 103) >> 10) & 0x000f_000f_000f_000f;
        upper | (pairs - upper * 10) << 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn writes_all_digits_and_a_point(upper in 0_u64..100_000_000, lower in 0_u64..100_000_000, zeros in 0_u32..17) {
            let number = (upper * 100_000_000 + lower) / 10_u64.pow(zeros) * 10_u64.pow(zeros);
            let digits = Sixteen::new(number / 100_000_000, number % 100_000_000);
            let expected = format!("{number:016}");
            let mut out = [0; 16];
            digits.store(&mut out);
            prop_assert_eq!(std::str::from_utf8(&out).unwrap(), &expected);
            prop_assert_eq!(digits.zeros_at_end(), 16 - expected.trim_end_matches('0').len());
            for before in 0..16 {
                let mut out = [0; 17];
                digits.store_with_point(&mut out, before);
                let expected = [&expected[..before], ".", &expected[before..]].concat();
                prop_assert_eq!(std::str::from_utf8(&out).unwrap(), expected);
            }
        }
    }
}
