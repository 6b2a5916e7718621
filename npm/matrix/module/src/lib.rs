//! The module of the npm package `@bluecrab/matrix`. Its functions are called from `src/index.ts`.

use bluecrab::{Bytes, Problem, callable};
use bluecrab_matrix::{Form, MultiplyError, Operand, ParseError, Shape, npy, parse_pair, print_result};
use std::borrow::Cow;

/// The longest body of a call. It leaves room in the memory for the product and the answer.
const MAX_BYTES: u64 = 1 << 30;

/// The statuses by which `src/errors.ts` knows the errors.
mod status {
    pub const FORMAT: u16 = 400;
    pub const NOT_FINITE: u16 = 409;
    pub const TOO_LARGE: u16 = 413;
    pub const SHAPE: u16 = 422;
}

/// Multiplies matrices of float64. The body has the rows, the inner length and the columns as float64, then the numbers
/// of both matrices, row by row. The answer has the numbers of the product.
#[callable(max_body = "1GiB", max_memory = "4GiB", timeout = "60m")]
pub fn multiply(body: Bytes) -> Result<Vec<u8>, Problem> {
    // The buffer of a body is aligned in WebAssembly, but not in a test.
    let copy = || body.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    let numbers = bytemuck::try_cast_slice(&body).map_or_else(|_| copy(), Cow::Borrowed);
    let (one, two) = pair(&numbers).ok_or_else(|| Problem::new(status::FORMAT, "the body is not two matrices"))?;
    let product = product(&one, &two)?;
    let mut bytes = Vec::<[u8; 8]>::new();
    let (rows, columns) = (one.shape().rows(), two.shape().columns());
    bytes.try_reserve_exact(product.data().len()).map_err(|_| problem(MultiplyError::TooLarge { rows, columns }))?;
    bytes.extend(product.data().iter().map(|number| number.to_le_bytes()));
    Ok(bytes.into_flattened())
}

/// Multiplies two matrices in JSON.
#[callable(name = "multiply-json", max_body = "1GiB", max_memory = "4GiB", timeout = "60m")]
pub fn multiply_json(body: Bytes) -> Result<Vec<u8>, Problem> {
    let (one, two) = parse_pair(&body).map_err(format_problem)?;
    let product = product(&one, &two)?;
    drop((one, two, body));
    check_finite(&product)?;
    print_result(&product).map_err(problem)
}

/// Multiplies two matrices in NumPy's format.
#[callable(name = "multiply-npy", max_body = "1GiB", max_memory = "4GiB", timeout = "60m")]
pub fn multiply_npy(body: Bytes) -> Result<Vec<u8>, Problem> {
    let (one, two) = npy::parse_pair_within(&body, MAX_BYTES).map_err(format_problem)?;
    let product = product(&one, &two)?;
    npy::print(&product).map_err(problem)
}

fn pair(numbers: &[f64]) -> Option<(Operand<'_>, Operand<'_>)> {
    let (&[rows, inner, columns], numbers) = numbers.split_first_chunk()?;
    let (rows, inner, columns) = (rows as usize, inner as usize, columns as usize);
    let (one, two) = numbers.split_at_checked(rows.checked_mul(inner)?)?;
    inner.checked_mul(columns)?;
    let one = Operand::new(Shape::Matrix(rows, inner), Form::Nested, one)?;
    Some((one, Operand::new(Shape::Matrix(inner, columns), Form::Nested, two)?))
}

fn product(one: &Operand<'_>, two: &Operand<'_>) -> Result<Operand<'static>, Problem> {
    bluecrab_matrix::multiply(one, two).map_err(problem)
}

fn problem(error: MultiplyError) -> Problem {
    let status = match error {
        MultiplyError::TooLarge { .. } => status::TOO_LARGE,
        _ => status::SHAPE,
    };
    Problem::new(status, error.to_string())
}

fn format_problem(error: ParseError) -> Problem {
    Problem::new(status::FORMAT, error.to_string())
}

/// JSON has neither infinite numbers nor NaN.
fn check_finite(product: &Operand<'_>) -> Result<(), Problem> {
    let Some(index) = product.data().iter().position(|number| !number.is_finite()) else { return Ok(()) };
    let what = if product.data()[index].is_nan() { "NaN" } else { "infinite" };
    let place = match product.shape() {
        Shape::Matrix(_, columns) => format!("row {}, column {}", index / columns + 1, index % columns + 1),
        _ => format!("number {}", index + 1),
    };
    let detail = format!("{place} of the product is {what}, which JSON cannot express: multiply as .npy or as numbers");
    Err(Problem::new(status::NOT_FINITE, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(numbers: &[f64]) -> Bytes {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>().into()
    }

    #[test]
    fn multiplies_numbers() {
        let answer = multiply(body(&[2.0, 2.0, 1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])).unwrap();
        assert_eq!(answer, &*body(&[17.0, 39.0]));
        assert_eq!(multiply(body(&[0.0, 3.0, 0.0])).unwrap(), b"");
        assert_eq!(multiply(body(&[2.0, 0.0, 1.0])).unwrap(), &*body(&[0.0, 0.0]));
    }

    #[test]
    fn refuses_bodies_that_are_not_two_matrices() {
        for numbers in [
            &[][..],
            &[1.0, 1.0],
            &[1.0, 1.0, 1.0, 5.0],
            &[1.0, 1.0, 1.0, 5.0, 6.0, 7.0],
            &[f64::INFINITY, 2.0, 0.0],
            &[0.0, f64::MAX, 4.0],
        ] {
            assert_eq!(multiply(body(numbers)).unwrap_err().status(), status::FORMAT, "{numbers:?}");
        }
    }

    #[test]
    fn json_has_no_infinite_numbers() {
        let multiply = |text: &str| multiply_json(Bytes::from(text.as_bytes().to_vec()));
        assert_eq!(multiply("[[[1,2]],[[3],[4]]]").unwrap(), br#"{"result":[[11]]}"#);
        let error = multiply("[[[1],[1e300]],[[1,1e300]]]").unwrap_err();
        assert_eq!(error.status(), status::NOT_FINITE);
        let expected =
            "row 2, column 2 of the product is infinite, which JSON cannot express: multiply as .npy or as numbers";
        assert_eq!(error.detail(), expected);
        assert!(multiply("[[1e999],[0]]").unwrap_err().detail().starts_with("number 1 of the product is NaN"));
        assert_eq!(multiply("[[[1,2]],[[3]]]").unwrap_err().status(), status::SHAPE);
        assert_eq!(multiply("[[[NaN]],[[3]]]").unwrap_err().status(), status::FORMAT);
    }
}
