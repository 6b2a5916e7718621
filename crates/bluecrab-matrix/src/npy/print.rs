//! Prints numbers as `.npy`, with the same bytes that NumPy 2 saves.

use super::header::MAGIC;
use crate::error::MultiplyError;
use crate::multiply::has_room;
use crate::operand::{Operand, Shape};
use std::iter::repeat_n;

/// The header is padded to a multiple of this many bytes.
const ALIGNMENT: usize = 64;

/// NumPy leaves room for this many digits of the first dimension, so that an array can grow in place.
const LENGTH_DIGITS: usize = 21;

/// Prints an operand as `.npy`, format 1.0: float64, little endian, row by row. A scalar is an array without
/// dimensions.
///
/// The answer to float32 operands is float64 as well, so that no digit of the product is lost.
///
/// # Errors
/// Fails if the memory cannot hold the bytes.
pub fn print(operand: &Operand<'_>) -> Result<Vec<u8>, MultiplyError> {
    let header = header(operand.shape);
    let (head, _) = header.as_chunks();
    let count = head.len() + operand.data.len();
    if !has_room::<[u8; 8]>(count) {
        return Err(MultiplyError::TooLarge { rows: operand.shape.rows(), columns: operand.shape.columns() });
    }
    let mut chunks: Vec<[u8; 8]> = Vec::with_capacity(count);
    chunks.extend(head);
    chunks.extend(operand.data.iter().map(|number| number.to_le_bytes()));
    Ok(chunks.into_flattened())
}

fn header(shape: Shape) -> Vec<u8> {
    let (shape, first) = match shape {
        Shape::Scalar => ("()".to_owned(), None),
        Shape::Vector(length) => (format!("({length},)"), Some(length)),
        Shape::Matrix(rows, columns) => (format!("({rows}, {columns})"), Some(rows)),
    };
    let room = first.map_or(0, |length| LENGTH_DIGITS - length.to_string().len());
    let mut dictionary = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}").into_bytes();
    dictionary.extend(repeat_n(b' ', room));
    let prefix = MAGIC.len() + 4;
    let padded = (prefix + dictionary.len() + 1).next_multiple_of(ALIGNMENT);
    dictionary.resize(padded - prefix - 1, b' ');
    dictionary.push(b'\n');
    let length = dictionary.len() as u16;
    [MAGIC, &[1, 0], &length.to_le_bytes(), &dictionary].concat()
}
