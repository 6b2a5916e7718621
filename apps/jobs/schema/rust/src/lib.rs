//! Validates orders against a JSON Schema.

use bluecrab::{Json, Problem, http};
use jsonschema::Validator;
use serde::Serialize;
use serde_json::Value;
use std::sync::OnceLock;

/// Which documents of the list are valid.
#[derive(Serialize)]
pub struct Report {
    valid: usize,
    invalid: usize,
    results: Vec<bool>,
}

/// Validates each document of a list.
#[http(methods = ["POST"])]
pub fn schema(Json(documents): Json<Vec<Value>>) -> Result<Json<Report>, Problem> {
    let validator = validator()?;
    let results: Vec<bool> = documents.iter().map(|document| validator.is_valid(document)).collect();
    let valid = results.iter().filter(|result| **result).count();
    Ok(Json(Report { valid, invalid: results.len() - valid, results }))
}

/// Compiles the schema at the first call of an instance, and keeps it.
fn validator() -> Result<&'static Validator, Problem> {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    if let Some(validator) = VALIDATOR.get() {
        return Ok(validator);
    }
    let schema: Value = serde_json::from_str(include_str!("../../order.schema.json"))?;
    let validator = jsonschema::validator_for(&schema)?;
    Ok(VALIDATOR.get_or_init(|| validator))
}
