//! Parses durations and sizes with units, such as `"30s"` and `"512MiB"`.

use syn::parse::ParseStream;
use syn::{Error, Lit, Result};

const DURATIONS: [(&str, u64); 3] = [("ms", 1), ("s", 1000), ("m", 60_000)];
const SIZES: [(&str, u64); 3] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// The longest delay of a Node.js timer, in milliseconds.
const LONGEST: u64 = (1 << 31) - 1;
/// The memory of a module has 32-bit addresses.
const LARGEST: u64 = 4 << 30;

/// Parses a duration. Returns at least one millisecond.
pub fn duration(input: ParseStream<'_>) -> Result<u64> {
    let literal: Lit = input.parse()?;
    let wrong = |message: &str| Error::new(literal.span(), message);
    let Lit::Str(text) = &literal else {
        return Err(wrong("write a duration as a text with a unit: `\"30s\"`, `\"500ms\"` or `\"2m\"`"));
    };
    match with_unit(&text.value(), &DURATIONS) {
        Some(0) => Err(wrong("a duration must be longer than zero")),
        Some(milliseconds) if milliseconds > LONGEST => Err(wrong("the longest duration is 35791m")),
        Some(milliseconds) => Ok(milliseconds),
        None => Err(wrong("write a duration as a whole number with the unit `ms`, `s` or `m`, such as `\"30s\"`")),
    }
}

/// Parses a size in bytes, written as a whole number or as a text with a unit.
pub fn size(input: ParseStream<'_>) -> Result<u64> {
    let literal: Lit = input.parse()?;
    let wrong = |message: &str| Error::new(literal.span(), message);
    let bytes = match &literal {
        Lit::Int(number) if number.suffix().is_empty() => number.base10_parse().ok(),
        Lit::Str(text) => with_unit(&text.value(), &SIZES),
        _ => None,
    };
    match bytes {
        Some(bytes) if bytes > LARGEST => {
            Err(wrong("the size is larger than the memory of a module, which is at most 4GiB"))
        }
        Some(bytes) => Ok(bytes),
        None => Err(wrong(
            "write a size as a number of bytes, or as a text with the unit `KiB`, `MiB` or `GiB`: `\"512MiB\"`",
        )),
    }
}

/// Parses a whole number that is directly followed by its unit. A number that is too large for `u64` becomes
/// `u64::MAX`.
fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let end = text.find(|character: char| !character.is_ascii_digit())?;
    let (digits, unit) = text.split_at(end);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    let digits = (!digits.is_empty()).then_some(digits)?;
    Some(digits.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(*factor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse::Parser;

    fn read(what: fn(ParseStream<'_>) -> Result<u64>, text: &str) -> std::result::Result<u64, String> {
        what.parse_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn durations_are_milliseconds() {
        assert_eq!(read(duration, r#""500ms""#), Ok(500));
        assert_eq!(read(duration, r#""30s""#), Ok(30_000));
        assert_eq!(read(duration, r#""2m""#), Ok(120_000));
        for wrong in [r#""30""#, r#""s""#, r#""1.5s""#, r#""-1s""#, r#""30 s""#, r#""1h""#, r#""""#, "30", "true"] {
            assert!(read(duration, wrong).unwrap_err().starts_with("write a duration as"), "{wrong}");
        }
        assert!(read(duration, r#""0s""#).is_err());
        assert_eq!(read(duration, r#""35791m""#), Ok(2_147_460_000));
        for long in [r#""35792m""#, r#""99999999999999999999ms""#] {
            assert!(read(duration, long).unwrap_err().contains("longest"), "{long}");
        }
    }

    #[test]
    fn sizes_are_bytes() {
        assert_eq!(read(size, "1_000_000"), Ok(1_000_000));
        assert_eq!(read(size, r#""64KiB""#), Ok(65_536));
        assert_eq!(read(size, r#""512MiB""#), Ok(536_870_912));
        assert_eq!(read(size, r#""4GiB""#), Ok(4_294_967_296));
        for wrong in [r#""64""#, r#""64KB""#, r#""64kib""#, r#""1.5MiB""#, "-1", "10u8", "1.0", "true"] {
            assert!(read(size, wrong).is_err(), "{wrong}");
        }
        assert!(read(size, r#""5GiB""#).unwrap_err().contains("4GiB"));
        assert!(read(size, "4294967297").unwrap_err().contains("4GiB"));
    }
}
