//! Matrices as JSON: parse, multiply, print.
//!
//! A body goes straight to packed numbers, and the product straight to bytes. For every body that [`multiply_json`]
//! accepts, the answer is byte for byte what `JSON.stringify({ result: math.multiply(one, two) })` gives in JavaScript
//! with Math.js 15 for the operands that `JSON.parse` reads from the body.
//!
//! ```
//! let answer = bluecrab_matrix::multiply_json(b"[[[1, 2], [3, 4]], [[5], [6]]]").unwrap();
//! assert_eq!(answer, br#"{"result":[[17],[39]]}"#);
//! ```

mod decimal;
mod error;
mod multiply;
mod number;
mod operand;
mod parse;
mod print;
mod scan;

pub mod npy;

pub use error::{Error, MultiplyError, ParseError};
pub use multiply::{multiply, multiply_fused};
pub use operand::{Form, Operand, Shape};
pub use parse::parse_pair;
pub use print::{print, print_result};

/// The sentence with which an operand without numbers is refused.
///
/// Math.js refuses most products with such an operand too, and answers the rest in ways that differ by form.
pub const EMPTY_OPERAND: &str = "a matrix without numbers cannot be multiplied";

/// Answers a body of two operands with the JSON of their product, `{"result":M}`.
///
/// # Errors
/// Where the body is not two operands, their shapes do not fit each other, or the memory has no room for the product.
pub fn multiply_json(body: &[u8]) -> Result<Vec<u8>, Error> {
    let (one, two) = parse_pair(body)?;
    let product = multiply(&one, &two)?;
    drop((one, two));
    Ok(print_result(&product))
}
