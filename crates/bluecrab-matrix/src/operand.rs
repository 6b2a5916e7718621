//! An operand of a product: a matrix, a vector or a number.

use std::borrow::Cow;
use std::fmt;

/// The shape of an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One number.
    Scalar,
    /// A list of numbers: a row on the left of a product, a column on the right. Holds its length.
    Vector(usize),
    /// A matrix: its rows and columns.
    Matrix(usize, usize),
}

impl Shape {
    /// How many numbers an operand of this shape has.
    pub fn len(self) -> usize {
        match self {
            Self::Scalar => 1,
            Self::Vector(length) => length,
            Self::Matrix(rows, columns) => rows * columns,
        }
    }

    /// Whether an operand of this shape has no numbers.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// How many columns a left operand of this shape has.
    pub fn columns(self) -> usize {
        match self {
            Self::Scalar => 1,
            Self::Vector(length) => length,
            Self::Matrix(_, columns) => columns,
        }
    }

    /// How many rows a right operand of this shape has.
    pub fn rows(self) -> usize {
        match self {
            Self::Scalar => 1,
            Self::Vector(length) => length,
            Self::Matrix(rows, _) => rows,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar => write!(formatter, "a number"),
            Self::Vector(length) => write!(formatter, "a vector of {length}"),
            Self::Matrix(rows, columns) => write!(formatter, "{rows}x{columns}"),
        }
    }
}

/// How JSON writes an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Nested arrays: `[[1,2],[3,4]]`.
    Nested,
    /// The form in which the crate ndarray serialises an array: `{"v":1,"dim":[2,2],"data":[1,2,3,4]}`.
    NdArray,
}

/// An operand, its numbers stored row by row. They may borrow from the body that they were read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Operand<'body> {
    pub(crate) shape: Shape,
    pub(crate) form: Form,
    pub(crate) data: Cow<'body, [f64]>,
}

impl<'body> Operand<'body> {
    /// Makes an operand of these numbers, stored row by row: a vector, or a slice to borrow. Returns `None` if `shape`
    /// asks for another number of them.
    pub fn new(shape: Shape, form: Form, data: impl Into<Cow<'body, [f64]>>) -> Option<Self> {
        let data = data.into();
        (data.len() == shape.len()).then_some(Self { shape, form, data })
    }

    /// How many dimensions the operand has, and how long they are.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The form in which it was read, and in which it will be printed.
    pub fn form(&self) -> Form {
        self.form
    }

    /// The numbers, row by row.
    pub fn data(&self) -> &[f64] {
        &self.data
    }
}
