//! Whether two answers are the same product.

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Fails where two answers differ in a byte, and shows the first.
pub fn same_bytes(function: &str, answer: &[u8], expected: &[u8]) -> Result<()> {
    if answer == expected {
        return Ok(());
    }
    let at = answer.iter().zip(expected).position(|(one, two)| one != two).unwrap_or(answer.len().min(expected.len()));
    let around = |bytes: &[u8]| {
        let (from, to) = (at.saturating_sub(20).min(bytes.len()), (at + 20).min(bytes.len()));
        String::from_utf8_lossy(&bytes[from..to]).into_owned()
    };
    bail!(
        "{function} and multiply-mathjs differ at byte {at} of the answer: …{}… instead of …{}…",
        around(answer),
        around(expected)
    )
}

/// Fails where two numbers of two answers differ by more than a relative tolerance; gives the largest difference.
pub fn same_numbers(function: &str, answer: &[u8], expected: &[u8], tolerance: f64) -> Result<f64> {
    let (numbers, wanted) = (numbers(answer)?, numbers(expected)?);
    if numbers.len() != wanted.len() {
        bail!("{function} answers {} numbers, multiply-mathjs {}", numbers.len(), wanted.len());
    }
    let mut largest = 0.0_f64;
    for (index, (number, wanted)) in numbers.iter().zip(&wanted).enumerate() {
        let difference = (number - wanted).abs() / wanted.abs().max(f64::MIN_POSITIVE);
        if difference > tolerance {
            bail!("{function} and multiply-mathjs differ in number {index} of the answer: {number} and {wanted}");
        }
        largest = largest.max(difference);
    }
    Ok(largest)
}

fn numbers(answer: &[u8]) -> Result<Vec<f64>> {
    let value: Value = serde_json::from_slice(answer).context("an answer is not JSON")?;
    let rows = value["result"].as_array().context("an answer has no list `result`")?;
    let numbers = rows.iter().flat_map(|row| row.as_array().into_iter().flatten());
    numbers.map(|number| number.as_f64().context("an answer has something else than numbers")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_first_difference() {
        let (one, two) = (br#"{"result":[[1,2]]}"#, br#"{"result":[[1,3]]}"#);
        let error = same_bytes("multiply-rust", one, two).unwrap_err().to_string();
        assert!(error.contains("byte 14") && error.contains("[[1,2]]") && error.contains("[[1,3]]"), "{error}");
        let error = same_numbers("multiply-ndarray", one, two, 1e-12).unwrap_err().to_string();
        assert!(error.contains("number 1") && error.contains("2 and 3"), "{error}");
        assert!(same_numbers("multiply-ndarray", one, one, 1e-12).unwrap() == 0.0);
        assert!(same_bytes("multiply-rust", one, one).is_ok());
    }
}
