//! JSON for serde, fast in WebAssembly.
//!
//! [`from_slice`] reads what `serde_json` reads, into the same values, and [`to_vec`] prints as `JSON.stringify` does
//! in JavaScript. Doubles are read and printed by [`bluecrab_decimal`], and strings are scanned sixteen bytes at a
//! time.
//!
//! ```
//! let numbers: Vec<f64> = bluecrab_json::from_slice(b"[1, 2.50, 1e21]").unwrap();
//! assert_eq!(bluecrab_json::to_vec(&numbers).unwrap(), b"[1,2.5,1e+21]");
//!
//! let error = bluecrab_json::from_slice::<Vec<f64>>(b"[1,\n x]").unwrap_err();
//! assert_eq!(error.to_string(), "expected a value, found `x` at line 2 column 2");
//! ```

mod access;
mod de;
mod error;
mod key;
mod map_key;
mod number;
mod owned;
mod raw;
mod reader;
mod ser;
mod skip;
mod writer;
mod wrong_type;

pub use error::Error;

use error::Result;
use serde::{Deserialize, Serialize};

/// Reads a value from JSON text in UTF-8.
///
/// Lists and objects may be nested 127 deep, and values that `T` ignores without a limit. A number that is too large
/// for a double is an error, as in `serde_json`.
///
/// # Errors
/// Fails if the text is not JSON, or does not fit `T`. The error says at which byte.
pub fn from_slice<'de, T: Deserialize<'de>>(text: &'de [u8]) -> Result<T> {
    let mut reader = reader::Reader::new(text);
    let value = T::deserialize(&mut reader);
    let value = reader.placed(value, reader.at)?;
    reader.end()?;
    Ok(value)
}

/// Prints a value as JSON without white space, as `JSON.stringify` does: `2` for the double 2.0, `1e+21`, `0` for -0,
/// and `null` for infinities and NaN.
///
/// # Errors
/// Fails if JSON cannot express the value, for example if the keys of a map are not texts, numbers or booleans.
pub fn to_vec<T: ?Sized + Serialize>(value: &T) -> Result<Vec<u8>> {
    let mut writer = writer::Writer::default();
    value.serialize(&mut writer)?;
    Ok(writer.finish())
}
