//! From numbers to `.npy`, byte for byte as NumPy 2 saves them.

use super::header::MAGIC;
use crate::operand::{Operand, Shape};
use std::iter::repeat_n;

/// The header is padded to a multiple of so many bytes.
const ALIGNMENT: usize = 64;

/// NumPy leaves room for a first length of so many digits, so that an array can grow in place.
const LENGTH_DIGITS: usize = 21;

/// The `.npy` of an operand: format 1.0, float64, little endian, row after row. A number is an array of no dimensions.
///
/// The answer to float32 is float64 too: no digit of a product is dropped.
pub fn print(operand: &Operand<'_>) -> Vec<u8> {
    let header = header(operand.shape);
    let (head, _) = header.as_chunks();
    let mut chunks: Vec<[u8; 8]> = Vec::with_capacity(head.len() + operand.data.len());
    chunks.extend(head);
    chunks.extend(operand.data.iter().map(|number| number.to_le_bytes()));
    chunks.into_flattened()
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
