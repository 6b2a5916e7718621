//! The product of bluecrab-matrix as an addon of Node.js: a Buffer in, a Buffer out.

use napi::bindgen_prelude::{Buffer, Error, Result, Status};
use napi_derive::napi;

/// Multiplies the two matrices of a body, and returns the answer as JSON.
#[napi]
pub fn multiply(body: Buffer) -> Result<Buffer> {
    match bluecrab_matrix::multiply_json(&body) {
        Ok(answer) => Ok(answer.into()),
        Err(error) => Err(Error::new(Status::InvalidArg, error.to_string())),
    }
}
