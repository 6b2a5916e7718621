//! Parses up to sixteen decimal digits at once: in one vector on WebAssembly, in two words elsewhere.

pub use imp::Sixteen;

#[cfg(target_feature = "simd128")]
mod imp {
    use std::arch::wasm32::{
        i8x16_bitmask, i8x16_splat, i8x16_swizzle, i16x8, i16x8_mul, i16x8_narrow_i32x4, i32x4_dot_i16x8,
        i64x2_extract_lane, u8x16_add_sat, u8x16_sub, u16x8_shr, u16x8_splat, v128, v128_load,
    };

    /// Sixteen bytes. Some of the first bytes may be digits.
    #[derive(Clone, Copy)]
    pub struct Sixteen(v128);

    impl Sixteen {
        #[inline(always)]
        pub fn new(bytes: &[u8; 16]) -> Self {
            // SAFETY: `bytes` has sixteen bytes, and the load needs no alignment.
            let text = unsafe { v128_load(bytes.as_ptr().cast::<v128>()) };
            Self(u8x16_sub(text, i8x16_splat(b'0' as i8)))
        }

        /// Counts the digits before the first byte that is not a digit.
        #[inline(always)]
        pub fn digits(self) -> usize {
            // After the addition, the uppermost bit marks every byte above 9.
            let strange = i8x16_bitmask(u8x16_add_sat(self.0, i8x16_splat(0x7f - 9)));
            (u32::from(strange) | 1 << 16).trailing_zeros() as usize
        }

        /// The number that the first `digits` bytes spell. At most sixteen, and all of them must be digits.
        #[inline(always)]
        pub fn value(self, digits: usize) -> u64 {
            let places = PLACES[digits & 31..].first_chunk::<16>().unwrap_or(&[0; 16]);
            // SAFETY: a row of the table has sixteen bytes, and the load needs no alignment.
            let places = unsafe { v128_load(places.as_ptr().cast::<v128>()) };
            Self(i8x16_swizzle(self.0, places)).whole_value()
        }

        /// The number that all sixteen bytes spell; all must be digits. Combines pairs, then fours, then eights, the
        /// first digit in the lowest place.
        #[inline(always)]
        pub fn whole_value(self) -> u64 {
            let pairs = u16x8_shr(i16x8_mul(self.0, u16x8_splat(10 << 8 | 1)), 8);
            let fours = i32x4_dot_i16x8(pairs, i16x8(100, 1, 100, 1, 100, 1, 100, 1));
            let fours = i16x8_narrow_i32x4(fours, fours);
            let eights = i32x4_dot_i16x8(fours, i16x8(10_000, 1, 10_000, 1, 10_000, 1, 10_000, 1));
            let eights = i64x2_extract_lane::<0>(eights) as u64;
            (eights & 0xffff_ffff) * 100_000_000 + (eights >> 32)
        }
    }

    /// For each number of digits: where each byte comes from when the digits move to the end. Zeros fill the rest.
    static PLACES: [u8; 48] = {
        let mut places = [0xff; 48];
        let mut place = 0;
        while place < 16 {
            places[16 + place] = place as u8;
            place += 1;
        }
        places
    };
}

#[cfg(not(target_feature = "simd128"))]
mod imp {
    use super::super::digits::{Eight, small_power};

    /// Sixteen bytes. Some of the first bytes may be digits.
    #[derive(Clone, Copy)]
    pub struct Sixteen(Eight, Eight);

    impl Sixteen {
        #[inline(always)]
        pub fn new(bytes: &[u8; 16]) -> Self {
            let (upper, lower) = bytes.split_at(8);
            let eight = |bytes: &[u8]| bytes.first_chunk().map_or(Eight::new([0; 8]), |bytes| Eight::new(*bytes));
            Self(eight(upper), eight(lower))
        }

        /// Counts the digits before the first byte that is not a digit.
        #[inline(always)]
        pub fn digits(self) -> usize {
            match self.0.digits() {
                8 => 8 + self.1.digits(),
                few => few,
            }
        }

        /// The number that the first `digits` bytes spell. At most sixteen, and all of them must be digits.
        #[inline(always)]
        pub fn value(self, digits: usize) -> u64 {
            if digits <= 8 {
                return self.0.value(digits);
            }
            self.0.whole_value() * small_power(digits - 8) + self.1.value(digits - 8)
        }

        /// The number that all sixteen bytes spell. All of them must be digits.
        #[inline(always)]
        pub fn whole_value(self) -> u64 {
            self.0.whole_value() * 100_000_000 + self.1.whole_value()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_digits_from_all_other_bytes() {
        let digits = *b"1234567890123456";
        assert_eq!(Sixteen::new(&digits).whole_value(), 1_234_567_890_123_456);
        assert_eq!(Sixteen::new(&[b'9'; 16]).value(16), 9_999_999_999_999_999);
        for byte in 0..=255_u8 {
            for place in 0..16 {
                let mut bytes = digits;
                bytes[place] = byte;
                let sixteen = Sixteen::new(&bytes);
                assert_eq!(sixteen.digits(), if byte.is_ascii_digit() { 16 } else { place }, "{byte} at {place}");
                let text = std::str::from_utf8(&bytes[..place]).unwrap();
                assert_eq!(sixteen.value(place), text.parse().unwrap_or(0), "{byte} at {place}");
            }
        }
    }
}
