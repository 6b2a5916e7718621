//! Reads and formats file sizes.

use serde::Deserialize;
use std::fmt;
use std::str::FromStr;

const UNITS: [(&str, u64); 6] =
    [("", 1), ("kB", 1000), ("KB", 1000), ("MB", 1_000_000), ("KiB", 1 << 10), ("MiB", 1 << 20)];

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Size(pub u64);

/// Reads a whole number with its unit, such as `300kB`.
impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, unit) =
            text.split_at(text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len()));
        let factor = UNITS.iter().find(|(known, _)| *known == unit.trim_start()).map(|(_, factor)| *factor);
        let bytes = digits.parse::<u64>().ok().zip(factor).and_then(|(number, factor)| number.checked_mul(factor));
        let expected = || {
            format!(
                "`{text}` is not a size: write a number of bytes, or a whole number with the unit kB, MB, KiB or MiB"
            )
        };
        bytes.map(Self).ok_or_else(expected)
    }
}

impl TryFrom<String> for Size {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ 0..1024 => write!(formatter, "{bytes} bytes"),
            bytes if bytes < 1 << 20 => write!(formatter, "{:.0} KiB", bytes as f64 / 1024.0),
            bytes => write!(formatter, "{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [("300kB", 300_000), ("2 MB", 2_000_000), ("64KiB", 65_536), ("1MiB", 1 << 20), ("17", 17)]
        {
            assert_eq!(text.parse(), Ok(Size(bytes)));
        }
        for wrong in ["", "kB", "1.5MB", "-1", "300kb", "300 k B", "99999999999999999999MB"] {
            assert!(wrong.parse::<Size>().unwrap_err().contains("is not a size"), "{wrong}");
        }
    }
}
