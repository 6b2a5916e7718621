//! Generated payloads: the same seed makes the same bytes on every machine.

use super::random::Random;
use bytes::Bytes;
use std::fmt::Write;

/// A body with its media type.
pub struct Generated {
    pub body: Bytes,
    pub content_type: &'static str,
}

/// A recipe with a greater number is refused as a mistake.
const MOST: usize = 1 << 30;

const USAGE: &str = "there is \"matrix NxN\", \"npy NxN\" and \"bytes NUMBER\", each followed by \"seed NUMBER\"";

/// Follows a recipe such as `matrix 300x300 seed 1`.
pub fn generate(recipe: &str) -> Result<Generated, String> {
    let usage = || format!("\"{recipe}\" is not a generator; {USAGE}");
    let words: Vec<&str> = recipe.split_whitespace().collect();
    let [kind, size, "seed", seed] = words[..] else { return Err(usage()) };
    let mut random = Random(seed.parse().map_err(|_| usage())?);
    let number = |text: &str| text.parse().ok().filter(|number| (1..=MOST).contains(number)).ok_or_else(usage);
    let square = || match size.split_once('x') {
        Some((rows, columns)) if number(rows)? == number(columns)? => number(rows),
        Some(_) => Err(format!("\"{recipe}\": both matrices have this size, so it must be square")),
        None => Err(usage()),
    };
    let (body, content_type) = match kind {
        "matrix" => (matrices(square()?, &mut random).into(), "application/json"),
        "npy" => (npy_matrices(square()?, &mut random).into(), "application/x-npy"),
        "bytes" => ((0..number(size)?).map(|_| random.below(256) as u8).collect(), "application/octet-stream"),
        _ => return Err(usage()),
    };
    Ok(Generated { body, content_type })
}

/// The JSON of two square matrices of random decimals, `[M, M]`.
fn matrices(size: usize, random: &mut Random) -> String {
    let mut text = String::with_capacity(2 * size * size * 20 + 8);
    for matrix in 0..2 {
        text.push_str(if matrix == 0 { "[" } else { "," });
        for row in 0..size {
            text.push_str(if row == 0 { "[[" } else { "],[" });
            for column in 0..size {
                let separator = if column == 0 { "" } else { "," };
                // Writing to a String does not fail.
                let _ = write!(text, "{separator}{}", random.decimal());
            }
        }
        text.push_str("]]");
    }
    text + "]"
}

/// The same two matrices as `.npy` files, one after the other: version 1.0, doubles, rows first.
///
/// Source: NEP 1, "A Simple File Format for NumPy Arrays".
fn npy_matrices(size: usize, random: &mut Random) -> Vec<u8> {
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
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(recipe: &str) -> Bytes {
        generate(recipe).ok().unwrap().body
    }

    #[test]
    fn a_seed_makes_the_same_matrices_in_both_forms() {
        assert_eq!(made("matrix 3x3 seed 7"), made("matrix 3x3 seed 7"));
        assert_ne!(made("matrix 3x3 seed 7"), made("matrix 3x3 seed 8"));
        let json = made("matrix 3x3 seed 7");
        let (one, two) = bluecrab_matrix::parse_pair(&json).unwrap();
        assert_eq!((one.data().len(), two.data().len()), (9, 9));
        assert!(one.data().iter().all(|number| (0.0..1.0).contains(number)));
        let npy = made("npy 3x3 seed 7");
        let numbers: Vec<f64> = npy[128..200].as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        assert_eq!((npy.len(), &numbers[..]), (2 * (128 + 72), one.data()));
        assert_eq!(made("bytes 1000 seed 1").len(), 1000);
    }

    #[test]
    fn a_wrong_recipe_is_refused_with_the_generators() {
        for recipe in ["bytes", "bytes 0 seed 1", "bytes 5x5 seed 1", "matrix 2x2", "sudoku 9 seed 1", "bytes 5 seed x"]
        {
            let message = generate(recipe).err().unwrap();
            assert!(message.contains("is not a generator; there is \"matrix NxN\""), "{recipe}: {message}");
        }
        assert!(generate("matrix 2x3 seed 1").err().unwrap().contains("square"));
    }
}
