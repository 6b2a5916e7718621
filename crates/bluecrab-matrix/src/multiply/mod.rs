//! Multiplies two operands. Each element adds its products in the order of k and without fused multiply-add, so it
//! equals the naive sum bit for bit.

mod blocks;
mod target;
mod tile;

use self::blocks::Operands;
use crate::error::MultiplyError;
use crate::operand::{Form, Operand, Shape};

/// Multiplies two operands with fused multiply-add if the processor supports it, or the WebAssembly runtime with
/// relaxed SIMD. This is faster and usually closer to the true product, but the result may differ from JavaScript's in
/// the last bits.
///
/// # Errors
/// Fails like [`multiply`].
pub fn multiply_fused(one: &Operand<'_>, two: &Operand<'_>) -> Result<Operand<'static>, MultiplyError> {
    multiply_by(one, two, true)
}

/// Multiplies two operands as `math.multiply` of Math.js does. The product has the form of the first operand.
///
/// # Errors
/// Fails if the first operand has another number of columns than the second has rows, or if the memory cannot hold the
/// product.
pub fn multiply(one: &Operand<'_>, two: &Operand<'_>) -> Result<Operand<'static>, MultiplyError> {
    multiply_by(one, two, false)
}

fn multiply_by(one: &Operand<'_>, two: &Operand<'_>, fused: bool) -> Result<Operand<'static>, MultiplyError> {
    let form = one.form;
    if one.shape == Shape::Scalar {
        return Ok(scaled(two, one.data[0], form));
    }
    if two.shape == Shape::Scalar {
        return Ok(scaled(one, two.data[0], form));
    }
    if one.shape.columns() != two.shape.rows() {
        return Err(MultiplyError::Dimensions { one: one.shape, two: two.shape });
    }
    let inner = one.shape.columns();
    let (rows, columns, shape) = match (one.shape, two.shape) {
        (Shape::Matrix(rows, _), Shape::Matrix(_, columns)) => (rows, columns, Shape::Matrix(rows, columns)),
        (Shape::Matrix(rows, _), _) => (rows, 1, Shape::Vector(rows)),
        (_, Shape::Matrix(_, columns)) => (1, columns, Shape::Vector(columns)),
        _ => (1, 1, Shape::Scalar),
    };
    check_room(rows, columns)?;
    let data = product(Operands { one: &one.data, two: &two.data, rows, inner, columns }, fused);
    Ok(Operand { shape, form, data: data.into() })
}

fn scaled(operand: &Operand<'_>, factor: f64, form: Form) -> Operand<'static> {
    Operand { shape: operand.shape, form, data: operand.data.iter().map(|number| number * factor).collect() }
}

/// A column times a row can have any number of elements. If the memory cannot hold them, that is an error, not an
/// abort.
fn check_room(rows: usize, columns: usize) -> Result<(), MultiplyError> {
    let has_room = rows.checked_mul(columns).is_some_and(has_room::<f64>);
    if has_room { Ok(()) } else { Err(MultiplyError::TooLarge { rows, columns }) }
}

/// A list of at most this many bytes is allocated without a check: a memory that has no room for it could not hold a
/// request either.
const FEW_BYTES: usize = 32 << 10;

/// Whether the memory can hold a list of this length.
pub fn has_room<T>(length: usize) -> bool {
    length <= FEW_BYTES / size_of::<T>() || Vec::<T>::new().try_reserve_exact(length).is_ok()
}

/// With fewer rows, packing the second operand costs more than the tiles save.
const FEW_ROWS: usize = 4;
/// Up to this many products, packing costs more than it saves.
const SMALL: usize = 16 * 16 * 16;

fn product(operands: Operands<'_>, fused: bool) -> Vec<f64> {
    let Operands { rows, inner, columns, .. } = operands;
    if inner == 0 || rows == 0 || columns == 0 {
        return vec![0.0; rows * columns];
    }
    if columns == 1 {
        return operands.single_column();
    }
    if rows < FEW_ROWS || rows.saturating_mul(inner).saturating_mul(columns) <= SMALL {
        return operands.row_by_row();
    }
    target::product(operands, fused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn operand(shape: Shape, data: &[f64]) -> Operand<'static> {
        Operand::new(shape, Form::Nested, data.to_vec()).unwrap()
    }

    #[test]
    fn multiplies_every_pair_of_shapes() {
        let matrix = operand(Shape::Matrix(2, 2), &[1.0, 2.0, 3.0, 4.0]);
        let vector = operand(Shape::Vector(2), &[5.0, 6.0]);
        let scalar = operand(Shape::Scalar, &[2.0]);
        for (one, two, shape, data) in [
            (&matrix, &matrix, Shape::Matrix(2, 2), vec![7.0, 10.0, 15.0, 22.0]),
            (&matrix, &vector, Shape::Vector(2), vec![17.0, 39.0]),
            (&vector, &matrix, Shape::Vector(2), vec![23.0, 34.0]),
            (&vector, &vector, Shape::Scalar, vec![61.0]),
            (&scalar, &vector, Shape::Vector(2), vec![10.0, 12.0]),
            (&matrix, &scalar, Shape::Matrix(2, 2), vec![2.0, 4.0, 6.0, 8.0]),
        ] {
            let product = multiply(one, two).unwrap();
            assert_eq!((product.shape, product.data), (shape, data.into()));
        }
        let empty = |rows, columns| operand(Shape::Matrix(rows, columns), &[]);
        let product = multiply(&empty(2, 0), &empty(0, 3)).unwrap();
        assert_eq!((product.shape, product.data), (Shape::Matrix(2, 3), vec![0.0; 6].into()));
        let product = multiply(&empty(0, 2), &matrix).unwrap();
        assert_eq!((product.shape, product.data), (Shape::Matrix(0, 2), vec![].into()));
        let (column, row) = (empty(usize::MAX / 8, 0), empty(0, usize::MAX / 8));
        assert!(multiply(&column, &row).unwrap_err().to_string().contains("more than the memory has room for"));
        let error = multiply(&operand(Shape::Matrix(1, 2), &[1.0, 2.0]), &operand(Shape::Matrix(1, 2), &[1.0, 2.0]));
        assert!(error.unwrap_err().to_string().contains("columns of matrixOne (2)"));
    }

    fn naive(operands: &Operands<'_>) -> Vec<f64> {
        let Operands { one, two, rows, inner, columns } = *operands;
        let element = |i: usize, j: usize| {
            let first = one[i * inner] * two[j];
            (1..inner).fold(first, |sum, k| sum + one[i * inner + k] * two[k * columns + j])
        };
        (0..rows * columns).map(|index| element(index / columns, index % columns)).collect()
    }

    fn bits(numbers: &[f64]) -> Vec<u64> {
        numbers.iter().map(|number| number.to_bits()).collect()
    }

    #[test]
    fn parts_of_a_second_block_in_each_dimension() {
        let (rows, inner, columns) = (122, 390, 2051);
        let numbers = |count: usize| (0..count).map(|index| (index * 37 % 101) as f64 - 50.25).collect::<Vec<f64>>();
        let (one, two) = (numbers(rows * inner), numbers(inner * columns));
        let operands = Operands { one: &one, two: &two, rows, inner, columns };
        let expected = bits(&naive(&operands));
        assert_eq!(bits(&blocks::product::<tile::Exact, 4, 4>(operands)), expected);
        assert_eq!(bits(&blocks::product::<tile::Exact, 6, 8>(operands)), expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn every_way_equals_the_naive_sum(
            rows in 1_usize..140, inner in prop_oneof![1_usize..20, 380_usize..790], columns in prop_oneof![Just(1_usize), 2_usize..40], seed: u64,
        ) {
            let mut state = seed;
            let mut numbers = |count| (0..count).map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                // Some zeros of either sign: they show which zero a sum starts from.
                if state >> 60 == 0 { -0.0 } else { (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5 }
            }).collect::<Vec<f64>>();
            let (one, two) = (numbers(rows * inner), numbers(inner * columns));
            let operands = Operands { one: &one, two: &two, rows, inner, columns };
            let expected = naive(&operands);
            for sums in [
                product(operands, false),
                operands.row_by_row(),
                target::product(operands, false),
                blocks::product::<tile::Exact, 4, 4>(operands),
                blocks::product::<tile::Exact, 6, 8>(operands),
            ] {
                prop_assert_eq!(bits(&sums), bits(&expected));
            }
            for (fused, exact) in product(operands, true).iter().zip(&expected) {
                prop_assert!((fused - exact).abs() <= 1e-12 * inner as f64);
            }
        }
    }
}
