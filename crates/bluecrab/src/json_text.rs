//! Reads and prints JSON text.

use crate::json_pointer::pointer;
use crate::problem::{Problem, excerpt};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Whether serde_json's feature `arbitrary_precision` is on somewhere in the build. It makes a `serde_json::Number` a
/// text, which only serde_json can read and print.
const ARBITRARY_PRECISION: bool = size_of::<serde_json::Number>() == size_of::<String>();

/// Reads a value. An error comes with the byte at which it shows.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, (String, usize)> {
    if ARBITRARY_PRECISION {
        let read = serde_json::from_slice(text);
        return read.map_err(|error| (excerpt(format_args!("{error}")), offset_of(text, error.line(), error.column())));
    }
    bluecrab_json::from_slice(text).map_err(|error| (error.to_string(), error.offset().unwrap_or_default()))
}

/// Reads a value that a client or service has sent. The problem says which value is wrong, and where.
pub fn read_or_problem<T: DeserializeOwned>(bytes: &[u8], status: u16, what: &str) -> Result<T, Problem> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    read(text).map_err(|(error, offset)| {
        let pointer = pointer(text, offset).filter(|pointer| !pointer.is_empty());
        let place = pointer.as_ref().map_or_else(String::new, |pointer| format!("`{pointer}`: "));
        let problem = Problem::new(status, format!("cannot read {what} as JSON: {place}{error}"))
            .with("offset", bytes.len() - text.len() + offset);
        match pointer {
            Some(pointer) => problem.with("pointer", pointer),
            None => problem,
        }
    })
}

/// Prints a value as JavaScript does.
pub fn print<T: Serialize>(value: &T) -> Result<Vec<u8>, String> {
    if ARBITRARY_PRECISION {
        return serde_json::to_vec(value).map_err(|error| error.to_string());
    }
    bluecrab_json::to_vec(value).map_err(|error| error.to_string())
}

/// Converts a place that serde_json names by line and column, both counted from 1, to a byte offset.
fn offset_of(bytes: &[u8], line: usize, column: usize) -> usize {
    let before: usize =
        bytes.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    (before + column.saturating_sub(1)).min(bytes.len())
}
