//! Converts the bytes of an array to float64, row by row.

use super::header::{Dtype, Header};
use super::inflate::Damaged;
use std::borrow::Cow;

/// How many rows and columns are transposed at a time, so that source and target stay in the cache.
const BLOCK: usize = 16;

/// Decodes the numbers of a complete array. If the bytes are already what memory needs, the result borrows them.
pub(super) fn decode<'body>(bytes: &'body [u8], header: &Header) -> Cow<'body, [f64]> {
    let is_as_in_memory = cfg!(target_endian = "little") && header.dtype == Dtype::Float64Little;
    if is_as_in_memory
        && header.column_order.is_none()
        && let Ok(numbers) = bytemuck::try_cast_slice(bytes)
    {
        return Cow::Borrowed(numbers);
    }
    let numbers = match header.dtype {
        Dtype::Float64Little => ordered(bytes, header.column_order, f64::from_le_bytes),
        Dtype::Float64Big => ordered(bytes, header.column_order, f64::from_be_bytes),
        Dtype::Float32Little => ordered(bytes, header.column_order, |bytes| f32::from_le_bytes(bytes).into()),
        Dtype::Float32Big => ordered(bytes, header.column_order, |bytes| f32::from_be_bytes(bytes).into()),
    };
    numbers.into()
}

fn ordered<const SIZE: usize>(
    bytes: &[u8],
    column_order: Option<(usize, usize)>,
    number: impl Fn([u8; SIZE]) -> f64,
) -> Vec<f64> {
    let (numbers, _) = bytes.as_chunks();
    match column_order {
        None => numbers.iter().map(|bytes| number(*bytes)).collect(),
        Some((rows, columns)) => transposed(numbers, rows, columns, number),
    }
}

fn transposed<const SIZE: usize>(
    numbers: &[[u8; SIZE]],
    rows: usize,
    columns: usize,
    number: impl Fn([u8; SIZE]) -> f64,
) -> Vec<f64> {
    let mut data = vec![0.0; rows * columns];
    for (block, band) in data.chunks_mut(BLOCK * columns).enumerate() {
        for first_column in (0..columns).step_by(BLOCK) {
            for (row, line) in (block * BLOCK..).zip(band.chunks_exact_mut(columns)) {
                let line = line[first_column..].iter_mut().take(BLOCK);
                for (slot, bytes) in line.zip(numbers[first_column * rows + row..].iter().step_by(rows)) {
                    *slot = number(*bytes);
                }
            }
        }
    }
    data
}

/// Decodes numbers whose bytes arrive in pieces.
pub(super) struct Pieces<'a> {
    header: &'a Header,
    data: Vec<f64>,
    /// How many numbers have been decoded. `bytes_left` counts the bytes still missing.
    count: usize,
    bytes_left: u64,
    /// The first bytes of a number that is still incomplete.
    rest: [u8; 8],
    rest_length: usize,
}

impl<'a> Pieces<'a> {
    /// Allocates the numbers that the header declares.
    pub(super) fn new(header: &'a Header) -> Self {
        let data = match header.column_order {
            None => Vec::with_capacity(header.shape.len()),
            Some((rows, columns)) => vec![0.0; rows * columns],
        };
        Self { header, data, count: 0, bytes_left: header.number_bytes, rest: [0; 8], rest_length: 0 }
    }

    /// Takes the next bytes. Fails if the header declares fewer.
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Result<(), Damaged> {
        self.bytes_left = self.bytes_left.checked_sub(bytes.len() as u64).ok_or(Damaged)?;
        let size = self.header.dtype.size();
        if self.rest_length > 0 {
            let (head, tail) = bytes.split_at(bytes.len().min(size - self.rest_length));
            self.rest[self.rest_length..][..head.len()].copy_from_slice(head);
            self.rest_length += head.len();
            bytes = tail;
            if self.rest_length < size {
                return Ok(());
            }
            let rest = self.rest;
            self.place_all(&rest[..size]);
        }
        let (whole, rest) = bytes.split_at(bytes.len() / size * size);
        self.place_all(whole);
        self.rest[..rest.len()].copy_from_slice(rest);
        self.rest_length = rest.len();
        Ok(())
    }

    /// Returns the numbers. Fails if some are missing.
    pub(super) fn finish(self) -> Result<Vec<f64>, Damaged> {
        if self.bytes_left == 0 { Ok(self.data) } else { Err(Damaged) }
    }

    fn place_all(&mut self, bytes: &[u8]) {
        match self.header.dtype {
            Dtype::Float64Little => self.place(bytes, f64::from_le_bytes),
            Dtype::Float64Big => self.place(bytes, f64::from_be_bytes),
            Dtype::Float32Little => self.place(bytes, |bytes| f32::from_le_bytes(bytes).into()),
            Dtype::Float32Big => self.place(bytes, |bytes| f32::from_be_bytes(bytes).into()),
        }
    }

    fn place<const SIZE: usize>(&mut self, bytes: &[u8], number: impl Fn([u8; SIZE]) -> f64) {
        let (numbers, _) = bytes.as_chunks();
        match self.header.column_order {
            None => self.data.extend(numbers.iter().map(|bytes| number(*bytes))),
            Some((rows, columns)) => {
                for (index, bytes) in (self.count..).zip(numbers) {
                    self.data[index % rows * columns + index / rows] = number(*bytes);
                }
            }
        }
        self.count += numbers.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operand::Shape;
    use proptest::prelude::*;

    fn header(dtype: Dtype, rows: usize, columns: usize, column_order: bool) -> Header {
        let number_bytes = (rows * columns * dtype.size()) as u64;
        let column_order = column_order.then_some((rows, columns));
        Header { dtype, shape: Shape::Matrix(rows, columns), column_order, length: 0, number_bytes }
    }

    #[test]
    fn stay_where_they_are_or_are_copied_from_between_the_words() {
        let numbers = [1.0, -0.5, f64::NAN, 4e-310];
        let bytes: &[u8] = bytemuck::cast_slice(&numbers);
        let header = header(Dtype::Float64Little, 2, 2, false);
        let read = decode(bytes, &header);
        assert_eq!(read.as_ptr() == numbers.as_ptr(), cfg!(target_endian = "little"));
        let words: Vec<u64> = numbers.map(|number| u64::from_le_bytes(number.to_ne_bytes())).to_vec();
        // At least one of the two shifts leaves the numbers unaligned.
        for shift in 0..2 {
            let shifted = [&bytes[..shift], bytes].concat();
            let bits: Vec<u64> = decode(&shifted[shift..], &header).iter().map(|number| number.to_bits()).collect();
            assert_eq!(bits, words);
        }
    }

    proptest! {
        #[test]
        fn transposes_whatever_the_blocks(rows in 1_usize..50, columns in 1_usize..50) {
            let header = header(Dtype::Float64Little, rows, columns, true);
            let written = (0..columns).flat_map(|column| (0..rows).map(move |row| (row * columns + column) as f64));
            let bytes: Vec<u8> = written.flat_map(f64::to_le_bytes).collect();
            let expected: Vec<f64> = (0..rows * columns).map(|index| index as f64).collect();
            prop_assert_eq!(&*decode(&bytes, &header), expected);
        }

        #[test]
        fn pieces_give_what_the_whole_gives(
            cuts in proptest::collection::vec(0_usize..20, 0..40),
            rows in 1_usize..6,
            columns in 1_usize..6,
            column_order: bool,
            dtype in prop::sample::select(vec![
                Dtype::Float64Little, Dtype::Float64Big, Dtype::Float32Little, Dtype::Float32Big,
            ]),
        ) {
            let header = header(dtype, rows, columns, column_order);
            let bytes: Vec<u8> = (0..header.number_bytes).map(|index| (index * 37 % 120) as u8).collect();
            let mut pieces = Pieces::new(&header);
            let mut left = &bytes[..];
            for cut in cuts {
                let (piece, tail) = left.split_at(cut.min(left.len()));
                pieces.push(piece).unwrap();
                left = tail;
            }
            pieces.push(left).unwrap();
            prop_assert_eq!(pieces.finish().unwrap(), &*decode(&bytes, &header));
        }
    }
}
