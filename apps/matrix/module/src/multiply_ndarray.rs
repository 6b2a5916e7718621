//! The product as an application developer would write it: `Json` reads the operands by serde, ndarray multiplies them,
//! and `Json` writes the product.

use crate::example::example;
use bluecrab::{Json, Problem, http, stage};
use ndarray::Array2;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Two matrices, as `{"matrixOne": M, "matrixTwo": M}` or `[M, M]`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object with matrixOne and matrixTwo, or a list of two matrices")]
pub struct Operands {
    matrix_one: Matrix,
    matrix_two: Matrix,
}

/// The product, as `{"result": M}`.
#[derive(Serialize)]
pub struct Product {
    result: Matrix,
}

/// Multiplies two matrices with the crate ndarray.
#[http(methods = ["POST"], warm_up = example)]
pub fn multiply_ndarray(Json(Parsed(operands)): Json<Parsed<Operands>>) -> Result<Json<Printed<Product>>, Problem> {
    let Operands { matrix_one: one, matrix_two: two } = operands;
    let (a, b) = (one.array, two.array);
    if a.is_empty() || b.is_empty() {
        return Err(Problem::bad_request("a matrix without numbers cannot be multiplied"));
    }
    if a.ncols() != b.nrows() {
        return Err(Problem::bad_request(format!(
            "the number of columns of matrixOne ({}) must equal the number of rows of matrixTwo ({})",
            a.ncols(),
            b.nrows()
        )));
    }
    let array = stage("multiply", || a.dot(&b));
    Ok(Json(Printed(Product { result: Matrix { array, form: one.form } })))
}

/// Reads a `T` within the stage `parse`.
pub struct Parsed<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        stage("parse", || T::deserialize(deserializer)).map(Self)
    }
}

/// Writes a `T` within the stage `print`.
pub struct Printed<T>(T);

impl<T: Serialize> Serialize for Printed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        stage("print", || self.0.serialize(serializer))
    }
}

/// A matrix and the form of its JSON.
struct Matrix {
    array: Array2<f64>,
    form: Form,
}

#[derive(Clone, Copy)]
enum Form {
    Rows,
    NdArray,
}

impl<'de> Deserialize<'de> for Matrix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MatrixVisitor)
    }
}

struct MatrixVisitor;

impl<'de> Visitor<'de> for MatrixVisitor {
    type Value = Matrix;

    fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str("a matrix: a list of rows, or an ndarray object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Matrix, A::Error> {
        let (mut data, mut count, mut columns) = (Vec::new(), 0, 0);
        while let Some(row) = rows.next_element::<Vec<f64>>()? {
            if count == 0 {
                columns = row.len();
            } else if row.len() != columns {
                return Err(A::Error::custom(format!(
                    "row {} has {} numbers, but the rows above have {columns}",
                    count + 1,
                    row.len()
                )));
            }
            data.extend(row);
            count += 1;
        }
        let array = Array2::from_shape_vec((count, columns), data).map_err(A::Error::custom)?;
        Ok(Matrix { array, form: Form::Rows })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Matrix, A::Error> {
        let array = Array2::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Matrix { array, form: Form::NdArray })
    }
}

impl Serialize for Matrix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.form {
            Form::Rows => serializer.collect_seq(self.array.rows().into_iter().map(|row| row.to_vec())),
            Form::NdArray => self.array.serialize(serializer),
        }
    }
}
