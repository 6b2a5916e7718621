//! The product as it was called in 2019: wasm-bindgen passes a string, serde_json reads it, ndarray multiplies,
//! serde_json writes a string. For comparison only.

use ndarray::Array2;
use wasm_bindgen::prelude::wasm_bindgen;

/// Multiplies the two matrices `[M, M]` of nested lists. The product is a nested list too.
///
/// # Errors
/// Returns an error if the text is not two matrices, or if their shapes do not fit.
#[wasm_bindgen]
pub fn multiply(text: &str) -> Result<String, String> {
    let (one, two): (Vec<Vec<f64>>, Vec<Vec<f64>>) = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let (one, two) = (from_rows(one)?, from_rows(two)?);
    if one.ncols() != two.nrows() {
        return Err("the first matrix needs as many columns as the second has rows".to_owned());
    }
    let product: Vec<Vec<f64>> = one.dot(&two).rows().into_iter().map(|row| row.to_vec()).collect();
    serde_json::to_string(&product).map_err(|error| error.to_string())
}

fn from_rows(rows: Vec<Vec<f64>>) -> Result<Array2<f64>, String> {
    let shape = (rows.len(), rows.first().map_or(0, Vec::len));
    Array2::from_shape_vec(shape, rows.concat()).map_err(|error| error.to_string())
}
