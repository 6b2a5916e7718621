//! The request with which the worker threads warm up.

use bluecrab::Request;
use bluecrab_matrix::{Form, Operand, Shape, print};

/// The matrices are so large that the engine optimises the code that reads, multiplies and prints them.
const SIZE: usize = 300;

/// A request with two matrices as JSON.
pub fn example() -> Request {
    let numbers: Vec<f64> = (0..SIZE * SIZE).map(|index| (index as f64).sin()).collect();
    let matrix = Operand::new(Shape::Matrix(SIZE, SIZE), Form::Nested, numbers);
    let matrix = matrix.and_then(|matrix| print(&matrix).ok()).unwrap_or_default();
    Request::post("/")
        .with_header("content-type", "application/json")
        .with_body([b"[", &*matrix, b",", &*matrix, b"]"].concat())
}
