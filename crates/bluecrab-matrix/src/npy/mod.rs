//! Matrices in NumPy's binary format: `.npy` and `.npz` in, `.npy` out.
//!
//! The format is [`numpy.lib.format`], versions 1.0, 2.0 and 3.0. An array may have zero, one or two dimensions (a
//! number, a vector or a matrix) of float64 or float32, in either byte order, stored row by row (C) or column by column
//! (Fortran). Float32 numbers become float64 while they are read, and the answer is float64. Infinities and NaN are
//! kept, unlike in JSON.
//!
//! ```
//! use bluecrab_matrix::{Form, Operand, Shape, multiply, npy};
//!
//! let number = |number| Operand::new(Shape::Matrix(1, 1), Form::Nested, vec![number]).unwrap();
//! let body = [npy::print(&number(2.0))?, npy::print(&number(4.0))?].concat();
//! let (one, two) = npy::parse_pair(&body)?;
//! assert_eq!(npy::print(&multiply(&one, &two)?)?, npy::print(&number(8.0))?);
//! # Ok::<(), bluecrab_matrix::Error>(())
//! ```
//!
//! [`numpy.lib.format`]: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

mod archive;
mod array;
mod fault;
mod header;
mod inflate;
mod literal;
mod numbers;
mod print;

pub use print::print;

use crate::error::{NAMES, ParseError};
use crate::operand::Operand;
use array::array;
use fault::error;

/// How many bytes [`parse_pair`] inflates at most for both arrays together: the default limit of a request body.
pub const MAX_INFLATED_BYTES: u64 = 104_857_600;

/// Reads two operands from two `.npy` arrays, one after the other, or from an `.npz`.
///
/// The members of an `.npz` are named `matrixOne` and `matrixTwo`, or `arr_0` and `arr_1` as `np.savez(file, one, two)`
/// names them. They are stored or deflated. Other members are ignored.
///
/// Numbers that the body already holds as memory needs them are borrowed, not copied: float64, row by row, at a
/// multiple of eight bytes, as NumPy writes them. Other arrays are allocated only once all their bytes have arrived, or
/// once it is clear that the deflated bytes can become that long. Inflating itself needs a constant amount of memory.
///
/// # Errors
/// Fails if the body is anything else. The offset in the error counts bytes of the body. For a deflated array it is the
/// start of the deflated data.
pub fn parse_pair(body: &[u8]) -> Result<(Operand<'_>, Operand<'_>), ParseError> {
    parse_pair_within(body, MAX_INFLATED_BYTES)
}

/// Like [`parse_pair`], but inflates at most `max_inflated_bytes` for both arrays together.
///
/// # Errors
/// Fails like [`parse_pair`], and if the arrays are larger than the limit.
pub fn parse_pair_within(body: &[u8], max_inflated_bytes: u64) -> Result<(Operand<'_>, Operand<'_>), ParseError> {
    if body.is_empty() {
        return Err(error(0, None, "the body is empty: expected two .npy arrays, or an .npz"));
    }
    if archive::is_archive(body) {
        return archive::read(body, max_inflated_bytes);
    }
    let (one, end) = array(body, 0, NAMES[0])?;
    if end == body.len() {
        return Err(error(end, None, "expected two .npy arrays one after the other, found one"));
    }
    let (two, end) = array(body, end, NAMES[1])?;
    if end != body.len() {
        return Err(error(end, None, "expected two .npy arrays, found more bytes after the second"));
    }
    Ok((one, two))
}
