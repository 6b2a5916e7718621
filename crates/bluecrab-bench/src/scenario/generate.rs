//! Generated payloads: the same seed makes the same bytes on every machine.

use super::random::Random;
use bytes::Bytes;

/// A body with its media type.
pub struct Generated {
    pub body: Bytes,
    pub content_type: &'static str,
}

/// A recipe with a greater number is refused as a mistake.
const MOST: usize = 1 << 30;

const USAGE: &str = "there is \"matrix NxN\", \"npy NxN\", \"numbers N\" and \"bytes N\", each followed by \"seed N\"";

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
    let json = |value: serde_json::Value| (value.to_string().into(), "application/json");
    let (body, content_type) = match kind {
        "matrix" => json(serde_json::json!(matrices(square()?, &mut random))),
        "numbers" => json((0..number(size)?).map(|_| random.decimal()).collect()),
        "npy" => (npy(&matrices(square()?, &mut random)).into(), "application/x-npy"),
        "bytes" => ((0..number(size)?).map(|_| random.below(256) as u8).collect(), "application/octet-stream"),
        _ => return Err(usage()),
    };
    Ok(Generated { body, content_type })
}

/// Two square matrices of random decimals.
fn matrices(size: usize, random: &mut Random) -> [Vec<Vec<f64>>; 2] {
    [(); 2].map(|()| (0..size).map(|_| (0..size).map(|_| random.decimal()).collect()).collect())
}

/// Writes square matrices as `.npy` files, one after the other: version 1.0, doubles, rows first.
///
/// Source: NEP 1, "A Simple File Format for NumPy Arrays".
fn npy(matrices: &[Vec<Vec<f64>>]) -> Vec<u8> {
    let size = matrices[0].len();
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({size}, {size}), }}");
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = Vec::new();
    for matrix in matrices {
        bytes.extend_from_slice(b"\x93NUMPY\x01\x00");
        bytes.extend_from_slice(&(header.len() as u16).to_le_bytes());
        bytes.extend_from_slice(header.as_bytes());
        matrix.iter().flatten().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
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
        let numbers: Vec<f64> = serde_json::from_slice(&made("numbers 9 seed 7")).unwrap();
        assert_eq!(numbers, one.data());
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
