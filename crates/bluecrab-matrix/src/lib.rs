//! Matrices as JSON: parse, multiply, print.
//!
//! A body is parsed straight into packed numbers, and the product is printed straight into bytes. For every body that
//! [`multiply_json`] accepts, the answer has the same bytes as `JSON.stringify({ result: math.multiply(one, two) })` in
//! JavaScript, with Math.js 15 and the operands that `JSON.parse` reads from the body.
//!
//! ```
//! let answer = bluecrab_matrix::multiply_json(b"[[[1, 2], [3, 4]], [[5], [6]]]").unwrap();
//! assert_eq!(answer, br#"{"result":[[17],[39]]}"#);
//! ```

mod error;
mod multiply;
mod operand;
mod parse;
mod print;
mod scan;

pub mod npy;

pub use error::{EMPTY_OPERAND, Error, MultiplyError, ParseError};
pub use multiply::{multiply, multiply_fused};
pub use operand::{Form, Operand, Shape};
pub use parse::parse_pair;
pub use print::{print, print_result};

/// Answers a body of two operands with the JSON of their product, `{"result":M}`.
///
/// # Errors
/// Fails if the body is not two operands, if their shapes do not fit each other, or if the memory cannot hold the
/// product.
pub fn multiply_json(body: &[u8]) -> Result<Vec<u8>, Error> {
    let (one, two) = parse_pair(body)?;
    let product = multiply(&one, &two)?;
    drop((one, two));
    Ok(print_result(&product))
}
