//! Prints operands as `JSON.stringify` does.

use crate::error::MultiplyError;
use crate::multiply::has_room;
use crate::operand::{Form, Operand, Shape};
use bluecrab_decimal::Printer;

/// Prints `{"result": operand}`.
///
/// # Errors
/// Fails if the memory cannot hold the text.
pub fn print_result(operand: &Operand<'_>) -> Result<Vec<u8>, MultiplyError> {
    let mut out = printer(operand)?;
    out.text(b"{\"result\":");
    print_operand(&mut out, operand);
    out.byte(b'}');
    Ok(out.finish())
}

/// Prints an operand in its form. Numbers have the shortest digits that read back the same; -0 is printed as `0`, and
/// infinities and NaN as `null`.
///
/// A scalar is printed as a plain number in either form.
///
/// # Errors
/// Fails if the memory cannot hold the text.
pub fn print(operand: &Operand<'_>) -> Result<Vec<u8>, MultiplyError> {
    let mut out = printer(operand)?;
    print_operand(&mut out, operand);
    Ok(out.finish())
}

/// The longest number with its comma: sign, point, 17 digits and 6 zeros before them, as in `-0.0000012345678901234567,`.
const MOST_BYTES: usize = 26;
/// The brackets of a row, and everything that stands only once.
const ROW_BYTES: usize = 2;
const HEAD_BYTES: usize = 128;

/// Reserves memory for the longest text, so that the text never moves. A memory that holds a product may have no room
/// for its text, which is an error, not an abort.
fn printer(operand: &Operand<'_>) -> Result<Printer, MultiplyError> {
    let (rows, columns) = (operand.shape.rows(), operand.shape.columns());
    let most = || {
        let numbers = operand.data.len().checked_mul(MOST_BYTES)?;
        numbers.checked_add(rows.checked_mul(ROW_BYTES)?)?.checked_add(HEAD_BYTES)
    };
    let bytes = most().filter(|bytes| has_room::<u8>(*bytes));
    bytes.map(Printer::with_capacity).ok_or(MultiplyError::TooLarge { rows, columns })
}

fn print_operand(out: &mut Printer, operand: &Operand<'_>) {
    match (operand.form, operand.shape) {
        (_, Shape::Scalar) => out.number(operand.data[0]),
        (Form::Nested, Shape::Vector(_)) => out.numbers(&operand.data),
        (Form::Nested, Shape::Matrix(_, columns)) => {
            let mut separator = b'[';
            for row in operand.data.chunks_exact(columns.max(1)) {
                out.byte(separator);
                out.numbers(row);
                separator = b',';
            }
            out.byte(b']');
        }
        (Form::NdArray, Shape::Vector(length)) => print_ndarray(out, &[length], &operand.data),
        (Form::NdArray, Shape::Matrix(rows, columns)) => print_ndarray(out, &[rows, columns], &operand.data),
    }
}

fn print_ndarray(out: &mut Printer, dimensions: &[usize], data: &[f64]) {
    let dimensions: Vec<String> = dimensions.iter().map(usize::to_string).collect();
    out.text(format!("{{\"v\":1,\"dim\":[{}],\"data\":", dimensions.join(",")).as_bytes());
    out.numbers(data);
    out.byte(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_text_fits_into_the_memory_that_is_reserved() {
        for (shape, form) in [(Shape::Matrix(9, 1), Form::Nested), (Shape::Matrix(1, 9), Form::NdArray)] {
            let operand = Operand::new(shape, form, vec![-0.000_001_234_567_890_123_456_7; 9]).unwrap();
            let reserved = printer(&operand).unwrap().finish().capacity();
            let text = print_result(&operand).unwrap();
            assert!(text.len() > 9 * (MOST_BYTES - 1) && text.capacity() == reserved, "{}", text.len());
        }
    }

    #[test]
    fn prints_each_form() {
        let printed = |shape, form| {
            let data = vec![1.0; Shape::len(shape)];
            String::from_utf8(print_result(&Operand::new(shape, form, data).unwrap()).unwrap()).unwrap()
        };
        assert_eq!(printed(Shape::Matrix(2, 1), Form::Nested), r#"{"result":[[1],[1]]}"#);
        assert_eq!(printed(Shape::Vector(2), Form::Nested), r#"{"result":[1,1]}"#);
        assert_eq!(printed(Shape::Scalar, Form::NdArray), r#"{"result":1}"#);
        assert_eq!(printed(Shape::Matrix(1, 2), Form::NdArray), r#"{"result":{"v":1,"dim":[1,2],"data":[1,1]}}"#);
    }
}
