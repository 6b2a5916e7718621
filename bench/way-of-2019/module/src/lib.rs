//! The product as it was called in 2019: wasm-bindgen passes a string, serde_json reads it, ndarray multiplies,
//! serde_json writes a string. For comparison only.

use ndarray::Array2;
use wasm_bindgen::prelude::wasm_bindgen;

/// Multiplies two matrices in ndarray's form, `[M, M]`; the product is in the same form.
///
/// # Errors
/// Where the text is not two matrices, or they do not fit each other.
#[wasm_bindgen]
pub fn multiply(text: &str) -> Result<String, String> {
    let (one, two): (Array2<f64>, Array2<f64>) = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if one.ncols() != two.nrows() {
        return Err("the columns of the first are not as many as the rows of the second".to_owned());
    }
    serde_json::to_string(&one.dot(&two)).map_err(|error| error.to_string())
}
