//! Matrices in NumPy's binary format: `.npy` and `.npz` in, `.npy` out.
//!
//! The format is that of [`numpy.lib.format`], versions 1.0, 2.0 and 3.0. Read are arrays of none, one and two
//! dimensions (a number, a vector, a matrix) of float64 or float32, in either byte order, row after row (C) or column
//! after column (Fortran). The numbers of float32 become float64 at once, and the answer is float64. Numbers that are
//! not finite come in and go out as they are, which JSON cannot say.
//!
//! ```
//! use bluecrab_matrix::{Form, Operand, Shape, multiply, npy};
//!
//! let number = |number| Operand::new(Shape::Matrix(1, 1), Form::Nested, vec![number]).unwrap();
//! let body = [npy::print(&number(2.0)), npy::print(&number(4.0))].concat();
//! let (one, two) = npy::parse_pair(&body).unwrap();
//! assert_eq!(npy::print(&multiply(&one, &two).unwrap()), npy::print(&number(8.0)));
//! ```
//!
//! [`numpy.lib.format`]: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

mod archive;
mod header;
mod inflate;
mod literal;
mod numbers;
mod print;

pub use print::print;

use crate::error::ParseError;
use crate::operand::{Form, Operand};
use header::Header;
use std::borrow::Cow;

/// How many bytes [`parse_pair`] inflates at most, both arrays together: as many as a body has at most by default.
pub const MAX_INFLATED_BYTES: u64 = 104_857_600;

const NAMES: [&str; 2] = ["matrixOne", "matrixTwo"];

/// Reads two operands from two `.npy` arrays one after the other, or from an `.npz`.
///
/// The members of an `.npz` are named `matrixOne` and `matrixTwo`, or `arr_0` and `arr_1`, as `np.savez(file, one, two)`
/// names them; they are stored or deflated, and other members are passed over.
///
/// Numbers that lie in the body as they lie in memory stay there: float64, row after row, at a multiple of eight bytes,
/// as NumPy writes them. Nothing is allocated for the other numbers of an array before it is known that so many bytes of them are there, or that
/// so few bytes of deflated data can hold so many; besides them a constant is, for inflating.
///
/// # Errors
/// Where the body is anything else. The error's offset counts in the body; for a deflated array it is the offset at
/// which its data starts.
pub fn parse_pair(body: &[u8]) -> Result<(Operand<'_>, Operand<'_>), ParseError> {
    parse_pair_within(body, MAX_INFLATED_BYTES)
}

/// Like [`parse_pair`], with a limit of one's own to the bytes that are inflated, both arrays together.
///
/// # Errors
/// As [`parse_pair`], and where the arrays are larger than the limit.
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

/// Reads the array at `start` in as much of a body as it may take up; also says where it ends.
fn array<'body>(body: &'body [u8], start: usize, name: &'static str) -> Result<(Operand<'body>, usize), ParseError> {
    let inside = |fault: Fault| error(start + fault.at, Some(name), fault.reason);
    let header = Header::read(&body[start..]).map_err(inside)?;
    let numbers = &body[start + header.length..];
    let length = usize::try_from(header.number_bytes).ok().filter(|length| *length <= numbers.len());
    let length = length.ok_or_else(|| inside(header.too_few(numbers.len() as u64)))?;
    let operand = operand(&header, numbers::decode(&numbers[..length], &header));
    Ok((operand, start + header.length + length))
}

fn operand<'body>(header: &Header, data: Cow<'body, [f64]>) -> Operand<'body> {
    Operand { shape: header.shape, form: Form::Nested, data }
}

/// What is wrong with an array, and at which of its bytes.
struct Fault {
    at: usize,
    reason: String,
}

impl Fault {
    fn new(at: usize, reason: impl Into<String>) -> Self {
        Self { at, reason: reason.into() }
    }
}

fn error(offset: usize, operand: Option<&'static str>, reason: impl Into<String>) -> ParseError {
    ParseError { offset, operand, row: None, column: None, reason: reason.into() }
}
