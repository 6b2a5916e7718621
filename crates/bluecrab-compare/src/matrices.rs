//! Request bodies of two matrices: the same for the same seed.

use crate::random::Random;
use bytes::Bytes;
use std::fmt::Write;

/// The JSON of two square matrices of random decimals, `[M, M]`.
pub fn pair(size: usize, seed: u64) -> Bytes {
    let mut random = Random(seed);
    let one = matrix(size, &mut random);
    let two = matrix(size, &mut random);
    format!("[{one},{two}]").into()
}

/// The same two matrices in NumPy's format, one file after the other: its version 1.0, doubles, row after row.
///
/// Source: NEP 1, "A Simple File Format for NumPy Arrays".
pub fn npy_pair(size: usize, seed: u64) -> Bytes {
    let mut random = Random(seed);
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({size}, {size}), }}");
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = Vec::new();
    for _ in 0..2 {
        bytes.extend_from_slice(b"\x93NUMPY\x01\x00");
        bytes.extend_from_slice(&(header.len() as u16).to_le_bytes());
        bytes.extend_from_slice(header.as_bytes());
        (0..size * size).for_each(|_| bytes.extend_from_slice(&random.decimal().to_le_bytes()));
    }
    bytes.into()
}

fn matrix(size: usize, random: &mut Random) -> String {
    let mut text = String::with_capacity(size * size * 20 + 2);
    for row in 0..size {
        text.push_str(if row == 0 { "[[" } else { "],[" });
        for column in 0..size {
            let separator = if column == 0 { "" } else { "," };
            // Writing to a String does not fail.
            let _ = write!(text, "{separator}{}", random.decimal());
        }
    }
    text.push_str("]]");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_matrices() {
        assert_eq!(pair(3, 7), pair(3, 7));
        assert_ne!(pair(3, 7), pair(3, 8));
        let (one, two) = bluecrab_matrix::parse_pair(&pair(3, 7)).unwrap();
        assert_eq!((one.data().len(), two.data().len()), (9, 9));
        assert!(one.data().iter().all(|number| (0.0..1.0).contains(number)));
        let npy = npy_pair(3, 7);
        assert_eq!(npy.len(), 2 * (128 + 72));
        let numbers: Vec<f64> = npy[128..200].as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        assert_eq!(numbers, one.data());
    }
}
