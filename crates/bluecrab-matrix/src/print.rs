//! From numbers to JSON, as `JSON.stringify` prints them.

use crate::operand::{Form, Operand, Shape};

/// The most bytes that a finite number takes, with the comma behind it.
const MOST_BYTES: usize = 26;
/// What is reserved a number at first: the usual 16 or 17 digits, sign, point and comma.
const USUAL_BYTES: usize = 20;

/// The JSON of `{"result": operand}`.
pub fn print_result(operand: &Operand) -> Vec<u8> {
    let mut out = Vec::with_capacity(operand.data.len() * USUAL_BYTES + 64);
    out.extend_from_slice(b"{\"result\":");
    print(operand, &mut out);
    out.push(b'}');
    out
}

/// Appends an operand's JSON in its form: shortest digits that read back the same, 0 for -0, null for what is not finite.
///
/// A number by itself has no form: it is printed as a number.
pub fn print(operand: &Operand, out: &mut Vec<u8>) {
    match (operand.form, operand.shape) {
        (_, Shape::Scalar) => number(operand.data[0], out),
        (Form::Nested, Shape::Vector(_)) => list(&operand.data, out),
        (Form::Nested, Shape::Matrix(_, columns)) => {
            let mut separator = b'[';
            for row in operand.data.chunks_exact(columns.max(1)) {
                out.push(separator);
                list(row, out);
                separator = b',';
            }
            out.push(b']');
        }
        (Form::NdArray, Shape::Vector(length)) => ndarray(&[length], &operand.data, out),
        (Form::NdArray, Shape::Matrix(rows, columns)) => ndarray(&[rows, columns], &operand.data, out),
    }
}

fn ndarray(dimensions: &[usize], data: &[f64], out: &mut Vec<u8>) {
    let dimensions: Vec<String> = dimensions.iter().map(usize::to_string).collect();
    out.extend_from_slice(format!("{{\"v\":1,\"dim\":[{}],\"data\":", dimensions.join(",")).as_bytes());
    list(data, out);
    out.push(b'}');
}

fn list(data: &[f64], out: &mut Vec<u8>) {
    let mut separator = b'[';
    for &value in data {
        out.push(separator);
        number(value, out);
        separator = b',';
    }
    out.push(b']');
}

/// ECMA-262, Number::toString, with the digits of Ryu (Adams, "Ryū: fast float-to-string conversion", PLDI 2018).
fn number(value: f64, out: &mut Vec<u8>) {
    if !value.is_finite() {
        out.extend_from_slice(b"null");
        return;
    }
    out.reserve(MOST_BYTES);
    out.extend_from_slice(ryu_js::Buffer::new().format_finite(value).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(value: f64) -> String {
        let mut out = Vec::new();
        number(value, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    #[allow(clippy::excessive_precision)]
    fn prints_as_javascript() {
        for (value, expected) in [
            (1.0, "1"),
            (-0.0, "0"),
            (0.1, "0.1"),
            (1e21, "1e+21"),
            (1e20, "100000000000000000000"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "null"),
            (f64::NEG_INFINITY, "null"),
            (33_093_792_212_857.562_5, "33093792212857.562"),
            (-123.456, "-123.456"),
        ] {
            assert_eq!(printed(value), expected);
        }
    }

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
