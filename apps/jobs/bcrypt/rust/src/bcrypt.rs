//! bcrypt (Provos and Mazières, *A Future-Adaptable Password Scheme*, 1999) with its tables at fixed addresses.
//!
//! A round of Blowfish is a chain of steps, each of which needs the result before it, and looking up a table entry is
//! its longest step. If a table is behind a pointer, the address of the entry is a sum. If the table is at a fixed
//! address, the load instruction contains the address of the table, and the chain is a step shorter. For this, each
//! table must be a variable of its own.

use crate::pi::PI;
use std::cell::Cell;
use std::hint::black_box;
use std::thread::LocalKey;

type Table<const N: usize> = [Cell<u32>; N];

thread_local! {
    static KEYS: Table<18> = const { empty() };
    static S0: Table<256> = const { empty() };
    static S1: Table<256> = const { empty() };
    static S2: Table<256> = const { empty() };
    static S3: Table<256> = const { empty() };
}

const fn empty<const N: usize>() -> Table<N> {
    [const { Cell::new(0) }; N]
}

/// Hashes a password, of which the first 72 bytes count.
pub fn bcrypt(cost: u32, salt: [u8; 16], password: &[u8]) -> [u8; 23] {
    let mut key = password.to_vec();
    key.push(0);
    key.truncate(72);
    let (key, salt_key) = (words(&key), words(&salt));

    let mut digits = PI.into_iter();
    KEYS.with(|table| set(table, &mut digits));
    for table in [&S0, &S1, &S2, &S3] {
        table.with(|table| set(table, &mut digits));
    }
    mix(&key, [salt_key[0], salt_key[1], salt_key[2], salt_key[3]]);
    for _ in 0..1_u64 << cost {
        mix_unsalted(&key);
        mix_unsalted(&salt_key);
    }

    let mut hash = [0; 24];
    for (place, block) in hash.as_chunks_mut::<8>().0.iter_mut().zip(b"OrpheanBeholderScryDoubt".as_chunks::<8>().0) {
        let block = u64::from_be_bytes(*block);
        let halves = (0..64).fold([(block >> 32) as u32, block as u32], |halves, _| encrypt(halves));
        *place = (u64::from(halves[0]) << 32 | u64::from(halves[1])).to_be_bytes();
    }
    // The last byte is left out, as in the first implementation.
    *hash.first_chunk().expect("23 of 24 bytes")
}

/// Repeats the bytes of a key.
fn words(key: &[u8]) -> [u32; 18] {
    let mut bytes = key.iter().cycle();
    [(); 18].map(|()| bytes.by_ref().take(4).fold(0, |word, byte| word << 8 | u32::from(*byte)))
}

fn set(table: &[Cell<u32>], words: &mut impl Iterator<Item = u32>) {
    for (cell, word) in table.iter().zip(words) {
        cell.set(word);
    }
}

/// Replaces all tables by what the key and the salt make of them.
#[inline(always)]
fn mix(key: &[u32; 18], salt: [u32; 4]) {
    KEYS.with(|table| {
        for (cell, word) in table.iter().zip(key) {
            cell.set(cell.get() ^ word);
        }
    });
    let halves = replace(&KEYS, [0; 2], salt);
    // There are nine pairs of subkeys, so the tables begin with the other half of the salt.
    let [a, b, c, d] = salt;
    let salt = [c, d, a, b];
    let halves = replace(&S0, halves, salt);
    let halves = replace(&S1, halves, salt);
    let halves = replace(&S2, halves, salt);
    replace(&S3, halves, salt);
}

#[inline(never)]
fn mix_unsalted(key: &[u32; 18]) {
    mix(key, [0; 4]);
}

/// Replaces a table by encrypting again and again, and returns the last result.
#[inline(always)]
fn replace<const N: usize>(
    table: &'static LocalKey<Table<N>>,
    [mut left, mut right]: [u32; 2],
    [a, b, c, d]: [u32; 4],
) -> [u32; 2] {
    table.with(|table| {
        for (index, pair) in table.as_chunks::<2>().0.iter().enumerate() {
            let salt = if index % 2 == 0 { [a, b] } else { [c, d] };
            [left, right] = encrypt([left ^ salt[0], right ^ salt[1]]);
            pair[0].set(left);
            pair[1].set(right);
        }
    });
    [left, right]
}

/// Encrypts a block of two halves with Blowfish.
#[inline(always)]
fn encrypt([mut left, mut right]: [u32; 2]) -> [u32; 2] {
    left ^= entry(&KEYS, 0);
    for round in 0..8 {
        right = rounded(left, right ^ entry(&KEYS, 2 * round + 1));
        left = rounded(right, left ^ entry(&KEYS, 2 * round + 2));
    }
    [right ^ entry(&KEYS, 17), left]
}

/// Returns the other half of a block, which is already mixed with its subkey, after a round.
#[inline(always)]
fn rounded(half: u32, other: u32) -> u32 {
    // The other half is known before the sum. Without `black_box`, LLVM would first mix the subkey with the sum, which
    // makes the chain a step longer.
    let other = black_box(other);
    let sum = entry(&S0, half >> 24).wrapping_add(entry(&S1, half >> 16 & 0xff));
    (sum ^ entry(&S2, half >> 8 & 0xff)).wrapping_add(entry(&S3, half & 0xff)) ^ other
}

#[inline(always)]
fn entry<const N: usize>(table: &'static LocalKey<Table<N>>, index: u32) -> u32 {
    table.with(|table| table[index as usize].get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_crate() {
        for length in [0, 1, 3, 4, 5, 17, 55, 70, 71, 72, 73, 100] {
            let password: Vec<u8> = (0..length).map(|index: u8| index.wrapping_mul(37) ^ 0x80).collect();
            for (cost, first) in [(4, length), (5, 255)] {
                let salt = [(); 16].map(|()| first.wrapping_mul(91));
                let key: Vec<u8> = password.iter().copied().chain([0]).take(72).collect();
                assert_eq!(bcrypt(cost, salt, &password), ::bcrypt::bcrypt(cost, salt, &key)[..23]);
            }
        }
    }
}
