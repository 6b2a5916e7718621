//! The powers of ten as 128-bit significands, computed while compiling.

/// The smallest exponent in the table.
pub const FIRST: i32 = -342;
/// The largest exponent in the table.
pub const LAST: i32 = 324;
/// The largest exponent whose power fits in 128 bits. From 0 up to here, entries are exact.
pub const LAST_EXACT: i32 = 55;

const LEN: usize = (LAST - FIRST + 1) as usize;
/// 5^342 has 795 bits, and its inverse needs 128 more.
const WORDS: usize = 30;

/// The 128 most significant bits of 10^exponent, rounded down, as four words with the least significant first.
pub fn power_of_ten(exponent: i32) -> [u32; 4] {
    POWERS[(exponent - FIRST) as usize]
}

static POWERS: [[u32; 4]; LEN] = powers();

/// Powers of two do not change a significand, so 5^n serves for 10^n, and 2^N divided n times by 5 serves for 10^-n.
const fn powers() -> [[u32; 4]; LEN] {
    let mut table = [[0; 4]; LEN];
    let zero = -FIRST as usize;
    let mut number = [0; WORDS];
    number[0] = 1;
    let mut exponent = 0;
    while exponent <= LAST as usize {
        table[zero + exponent] = top_bits(&number);
        number = times_five(number);
        exponent += 1;
    }
    let mut number = [0; WORDS];
    number[WORDS - 1] = 1 << 31;
    let mut exponent = 1;
    while exponent <= zero {
        number = fifth(number);
        table[zero - exponent] = top_bits(&number);
        exponent += 1;
    }
    table
}

const fn times_five(mut number: [u32; WORDS]) -> [u32; WORDS] {
    let (mut carry, mut index) = (0, 0);
    while index < WORDS {
        let word = number[index] as u64 * 5 + carry;
        number[index] = word as u32;
        carry = word >> 32;
        index += 1;
    }
    number
}

const fn fifth(mut number: [u32; WORDS]) -> [u32; WORDS] {
    let (mut rest, mut index) = (0, WORDS);
    while index > 0 {
        index -= 1;
        let word = rest << 32 | number[index] as u64;
        number[index] = (word / 5) as u32;
        rest = word % 5;
    }
    number
}

const fn top_bits(number: &[u32; WORDS]) -> [u32; 4] {
    let mut top = WORDS - 1;
    while number[top] == 0 {
        top -= 1;
    }
    let shift = number[top].leading_zeros();
    let mut bits = [0; 4];
    let mut word = 0;
    while word < 4 {
        let high = word_at(number, top, word) as u64;
        let low = word_at(number, top, word + 1) as u64;
        bits[3 - word] = ((high << 32 | low) << shift >> 32) as u32;
        word += 1;
    }
    bits
}

/// The word `below` places under the top word, or zero if there is no such word.
const fn word_at(number: &[u32; WORDS], top: usize, below: usize) -> u32 {
    if below > top { 0 } else { number[top - below] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(exponent: i32) -> u128 {
        power_of_ten(exponent).iter().rev().fold(0, |value, &word| value << 32 | u128::from(word))
    }

    #[test]
    fn are_those_of_other_big_integers() {
        // Computed separately in Python. The inverse powers are rounded up, as fast_float and Drachennest list them.
        assert_eq!(value(0), 1 << 127);
        assert_eq!(value(1), 0xa << 124);
        assert_eq!(value(LAST_EXACT), 5_u128.pow(55));
        assert_eq!(value(-1), 0xcccc_cccc_cccc_cccc_cccc_cccc_cccc_cccc);
        assert_eq!(value(-342) + 1, 0xeef4_53d6_923b_d65a_113f_aa29_06a1_3b40);
        assert_eq!(value(-292) + 1, 0xff77_b1fc_bebc_dc4f_25e8_e89c_13bb_0f7b);
        assert_eq!(value(308), 0x8e67_9c2f_5e44_ff8f_570f_09ea_a7ea_7648);
        assert_eq!(value(324), 0x9e19_db92_b4e3_1ba9_6c07_a2c2_6a83_46d1);
    }

    #[test]
    fn are_all_normal() {
        assert!((FIRST..=LAST).all(|exponent| value(exponent) >> 127 == 1));
    }
}
