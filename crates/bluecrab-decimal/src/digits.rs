//! Eight decimal digits at a time, as eight bytes of one word.

const ZEROS: u64 = 0x3030_3030_3030_3030;
const SIXES: u64 = 0x0606_0606_0606_0606;
const UPPER_HALVES: u64 = 0xf0f0_f0f0_f0f0_f0f0;
const LOWER_HALVES: u64 = 0x0f0f_0f0f_0f0f_0f0f;
const POWERS: [u64; 17] = {
    let mut powers = [1; 17];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

/// Eight bytes, the first in the lowest place. Some of the first bytes may be digits.
#[derive(Clone, Copy)]
pub struct Eight(u64);

impl Eight {
    #[inline(always)]
    pub fn new(bytes: [u8; 8]) -> Self {
        Self(u64::from_le_bytes(bytes))
    }

    /// Counts the digits before the first byte that is not a digit.
    #[inline(always)]
    pub fn digits(self) -> usize {
        // A byte is a digit if its upper half is 3 and stays 3 when 6 is added.
        let strange = (self.0 & UPPER_HALVES) ^ ZEROS | (self.0.wrapping_add(SIXES) & UPPER_HALVES) ^ ZEROS;
        (strange.trailing_zeros() / 8) as usize
    }

    /// The number that the first `digits` bytes spell. At most eight, and all of them must be digits.
    #[inline(always)]
    pub fn value(self, digits: usize) -> u64 {
        // Moves the digits to the end and zeros before them. The shift is split in two, because a shift by 64 would do
        // nothing.
        let half = 32 - 4 * digits as u32;
        value((self.0 & LOWER_HALVES) << half << half)
    }

    /// The number that all eight bytes spell. All of them must be digits.
    #[cfg(any(test, not(target_feature = "simd128")))]
    #[inline(always)]
    pub fn whole_value(self) -> u64 {
        value(self.0 & LOWER_HALVES)
    }
}

/// Four bytes, used like [`Eight`].
#[derive(Clone, Copy)]
pub struct Four(u32);

impl Four {
    #[inline(always)]
    pub fn new(bytes: [u8; 4]) -> Self {
        Self(u32::from_le_bytes(bytes))
    }

    /// See [`Eight::digits`].
    #[inline(always)]
    pub fn digits(self) -> usize {
        let upper_halves = |word: u32| word & UPPER_HALVES as u32 ^ ZEROS as u32;
        let strange = upper_halves(self.0) | upper_halves(self.0.wrapping_add(SIXES as u32));
        (strange.trailing_zeros() / 8) as usize
    }

    /// See [`Eight::value`].
    #[inline(always)]
    pub fn value(self, digits: usize) -> u64 {
        let digits = (u64::from(self.0 & LOWER_HALVES as u32) << (32 - 8 * digits as u32)) as u32;
        let pairs = digits.wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff;
        u64::from(pairs.wrapping_mul(100 << 16 | 1) >> 16)
    }
}

/// 10^`digits`, for at most 16 digits.
#[inline(always)]
pub fn small_power(digits: usize) -> u64 {
    POWERS[digits]
}

/// The number that eight digits spell, the first digit in the lowest byte: combines pairs, then fours, then all eight.
#[inline(always)]
fn value(digits: u64) -> u64 {
    let pairs = digits.wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000 << 32 | 1) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tells_digits_from_all_other_bytes() {
        for byte in 0..=255_u8 {
            for place in 0..4 {
                let mut bytes = *b"1234";
                bytes[place] = byte;
                let text = std::str::from_utf8(&bytes[..place]).unwrap();
                let four = Four::new(bytes);
                assert_eq!(four.digits(), if byte.is_ascii_digit() { 4 } else { place }, "{byte} at {place}");
                assert_eq!(four.value(place), text.parse().unwrap_or(0), "{byte} at {place}");
            }
            for place in 0..8 {
                let mut bytes = *b"12345678";
                bytes[place] = byte;
                let text = std::str::from_utf8(&bytes[..place]).unwrap();
                let eight = Eight::new(bytes);
                assert_eq!(eight.digits(), if byte.is_ascii_digit() { 8 } else { place }, "{byte} at {place}");
                assert_eq!(eight.value(place), text.parse().unwrap_or(0), "{byte} at {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn reads_eight(number in 0_u64..100_000_000) {
            let eight = Eight::new(*format!("{number:08}").as_bytes().first_chunk().unwrap());
            prop_assert_eq!((eight.digits(), eight.whole_value()), (8, number));
            let number = number % 10_000;
            let four = Four::new(*format!("{number:04}").as_bytes().first_chunk().unwrap());
            prop_assert_eq!((four.digits(), four.value(4)), (4, number));
        }
    }
}
