//! Formats file sizes.

use std::fmt;

/// A number of bytes.
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ 0..1024 => write!(formatter, "{bytes} bytes"),
            bytes if bytes < 1 << 20 => write!(formatter, "{:.0} KiB", bytes as f64 / 1024.0),
            bytes => write!(formatter, "{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
        }
    }
}
