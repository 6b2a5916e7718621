//! Validates orders against a JSON Schema.

use bluecrab::{Json, http};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The schema, which the macro translates to Rust. The other engine, fancy_regex, adds 0.2 MB for lookaround, which the
/// schema does not use.
#[jsonschema::validator(path = "../order.schema.json", pattern_options = { engine = regex })]
struct Order;

/// Whether a document is valid. It is read from the document itself, so that only one document at a time is in memory.
#[derive(Deserialize, Serialize)]
#[serde(from = "Value")]
pub struct IsValid(bool);

impl From<Value> for IsValid {
    fn from(document: Value) -> Self {
        Self(Order::is_valid(&document))
    }
}

/// Which documents of the list are valid.
#[derive(Serialize)]
pub struct Report {
    valid: usize,
    invalid: usize,
    results: Vec<IsValid>,
}

/// Validates each document of a list.
#[http(methods = ["POST"])]
pub fn schema(Json(results): Json<Vec<IsValid>>) -> Json<Report> {
    let valid = results.iter().filter(|result| result.0).count();
    Json(Report { valid, invalid: results.len() - valid, results })
}
