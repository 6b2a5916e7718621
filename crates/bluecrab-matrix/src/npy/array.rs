//! Reads one array.

use super::fault::{Fault, error};
use super::header::Header;
use super::numbers;
use crate::error::ParseError;
use crate::operand::{Form, Operand};
use std::borrow::Cow;

/// Reads the array at `start` of `body`, and returns it with the place where it ends.
pub(super) fn array<'body>(
    body: &'body [u8],
    start: usize,
    name: &'static str,
) -> Result<(Operand<'body>, usize), ParseError> {
    let inside = |fault: Fault| error(start + fault.at, Some(name), fault.reason);
    let header = Header::read(&body[start..]).map_err(inside)?;
    let numbers = &body[start + header.length..];
    let length = usize::try_from(header.number_bytes).ok().filter(|length| *length <= numbers.len());
    let length = length.ok_or_else(|| inside(header.too_few(numbers.len() as u64)))?;
    let operand = operand(&header, numbers::decode(&numbers[..length], &header));
    Ok((operand, start + header.length + length))
}

/// Makes the operand from a header and the numbers after it.
pub(super) fn operand<'body>(header: &Header, data: Cow<'body, [f64]>) -> Operand<'body> {
    Operand { shape: header.shape, form: Form::Nested, data }
}
