//! Doubles as decimal text and back, and what readers of JSON share.
//!
//! Reading follows the grammar of JSON and rounds to the nearest double. Printing follows JavaScript: the shortest
//! digits that read back as the same double, `2` and not `2.0`, `1e+21`, and `0` for -0. Both are exact, and both are
//! fast in WebAssembly with SIMD.
//!
//! ```
//! use bluecrab_decimal::{Printer, read_number};
//!
//! assert_eq!(read_number(b"0.1, 0.2").unwrap(), (0.1, 3));
//! let mut printer = Printer::with_capacity(16);
//! printer.numbers(&[2.0, 0.1]);
//! assert_eq!(printer.finish(), b"[2,0.1]");
//! ```

mod digits;
mod fault;
mod nearest;
mod plain;
mod powers;
mod printer;
mod quick;
mod read;
mod shortest;
mod sixteen;
mod text;
#[cfg(target_feature = "simd128")]
mod together;
mod value;
mod wide;
mod write;

pub use fault::Fault;
pub use plain::{plain_length, plain_length_and_is_ascii, plain_length_of_string};
pub use printer::Printer;
pub use read::{WINDOW, read_number, unusual_number, usual_number};
pub use value::value_length;
