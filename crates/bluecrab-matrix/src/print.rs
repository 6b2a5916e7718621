//! Prints operands as `JSON.stringify` does.

use crate::operand::{Form, Operand, Shape};
use bluecrab_decimal::Printer;

/// Prints `{"result": operand}`.
pub fn print_result(operand: &Operand<'_>) -> Vec<u8> {
    let mut out = printer(operand);
    out.text(b"{\"result\":");
    print_operand(&mut out, operand);
    out.byte(b'}');
    out.finish()
}

/// Prints an operand in its form. Numbers have the shortest digits that read back the same; -0 is printed as `0`, and
/// infinities and NaN as `null`.
///
/// A scalar is printed as a plain number in either form.
pub fn print(operand: &Operand<'_>) -> Vec<u8> {
    let mut out = printer(operand);
    print_operand(&mut out, operand);
    out.finish()
}

/// The memory reserved for each number: the usual 16 or 17 digits, sign, point and comma.
const USUAL_BYTES: usize = 20;

fn printer(operand: &Operand<'_>) -> Printer {
    Printer::with_capacity(operand.data.len() * USUAL_BYTES)
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
    fn prints_each_form() {
        let printed = |shape, form| {
            let data = vec![1.0; Shape::len(shape)];
            String::from_utf8(print_result(&Operand::new(shape, form, data).unwrap())).unwrap()
        };
        assert_eq!(printed(Shape::Matrix(2, 1), Form::Nested), r#"{"result":[[1],[1]]}"#);
        assert_eq!(printed(Shape::Vector(2), Form::Nested), r#"{"result":[1,1]}"#);
        assert_eq!(printed(Shape::Scalar, Form::NdArray), r#"{"result":1}"#);
        assert_eq!(printed(Shape::Matrix(1, 2), Form::NdArray), r#"{"result":{"v":1,"dim":[1,2],"data":[1,1]}}"#);
    }
}
