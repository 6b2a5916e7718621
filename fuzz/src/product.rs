//! Checks the product against the sum that defines it.

use crate::same::same;
use bluecrab_matrix::{Form, Operand, Shape, multiply, multiply_fused};

/// Larger shapes take no other path through the code.
const LONGEST: usize = 40;

/// The input is three lengths, a byte for the shapes, and numbers. Each element takes the next number; after the last
/// one it starts again at the first.
pub fn product(input: &[u8]) {
    let Some((&[rows, inner, columns, shapes], numbers)) = input.split_first_chunk() else { return };
    let length = |byte: u8| 1 + usize::from(byte) % LONGEST;
    let (rows, inner, columns) = (length(rows), length(inner), length(columns));
    let mut source = Numbers { bytes: numbers, at: 0 };
    let (one, rows) = match shapes & 3 {
        0 => (source.operand(Shape::Vector(inner)), 1),
        _ => (source.operand(Shape::Matrix(rows, inner)), rows),
    };
    let (two, columns) = match shapes >> 2 & 3 {
        0 => (source.operand(Shape::Vector(inner)), 1),
        _ => (source.operand(Shape::Matrix(inner, columns)), columns),
    };
    let product = multiply(&one, &two).unwrap();
    let fused = multiply_fused(&one, &two).unwrap();
    assert_eq!(product.data().len(), rows * columns);
    for (index, (&exact, &fused)) in product.data().iter().zip(fused.data()).enumerate() {
        let (row, column) = (index / columns, index % columns);
        let terms = (0..inner).map(|k| one.data()[row * inner + k] * two.data()[k * columns + column]);
        let expected = terms.clone().reduce(|sum, term| sum + term).unwrap();
        assert!(same(exact, expected), "element {index} is {exact:e} instead of {expected:e}");
        let magnitude: f64 = terms.map(f64::abs).sum();
        if magnitude < f64::MAX / 2.0 {
            let bound = (magnitude * f64::EPSILON + f64::MIN_POSITIVE) * inner as f64;
            assert!((fused - exact).abs() <= bound, "element {index}, fused, is {fused:e} instead of {exact:e}");
        }
    }
    let other = source.operand(Shape::Matrix(inner + 1, columns));
    assert!(multiply(&one, &other).is_err());
}

struct Numbers<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Numbers<'_> {
    fn operand(&mut self, shape: Shape) -> Operand<'static> {
        let data: Vec<_> = (0..shape.len()).map(|_| self.next()).collect();
        Operand::new(shape, Form::Nested, data).unwrap()
    }

    /// Small integers, which the fuzzer finds soon, or any double.
    fn next(&mut self) -> f64 {
        match self.byte() {
            byte @ 0..=0x7f => f64::from(byte as i8 - 64),
            0x80..=0x8f => -0.0,
            _ => f64::from_le_bytes(std::array::from_fn(|_| self.byte())),
        }
    }

    fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.at % self.bytes.len().max(1)).copied().unwrap_or(1);
        self.at += 1;
        byte
    }
}
