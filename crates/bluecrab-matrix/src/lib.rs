#![doc = include_str!("../README.md")]

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
/// product or its text.
pub fn multiply_json(body: &[u8]) -> Result<Vec<u8>, Error> {
    let (one, two) = parse_pair(body)?;
    let product = multiply(&one, &two)?;
    drop((one, two));
    Ok(print_result(&product)?)
}
