//! Reads the input bindings of a function before it is called.

use super::expression::Values;
use super::storage;
use crate::worker::Function;
use bluecrab_rpc::{ParameterBinding, TypedData};
use serde_json::Value;

/// Reads the function's input bindings.
///
/// # Errors
/// Returns a sentence for an input that cannot be read.
pub async fn read(values: &Values<'_>, function: &Function) -> Result<Vec<ParameterBinding>, String> {
    let mut inputs = Vec::with_capacity(function.inputs.len());
    for binding in &function.inputs {
        let text = |member: &str| binding[member].as_str().unwrap_or_default().to_owned();
        let (name, kind) = (text("name"), text("type"));
        let data = read_one(values, binding).await;
        let data = data.map_err(|reason| format!("the input {name} ({kind}) cannot be read: {reason}"))?;
        inputs.push(ParameterBinding { name, data: Some(data) });
    }
    Ok(inputs)
}

/// Reads an input. What does not exist is a value without data.
async fn read_one(values: &Values<'_>, binding: &Value) -> Result<TypedData, String> {
    let resolved = values.resolve_binding(binding)?;
    if storage::is_storage(binding) {
        return Ok(storage::read(values.app, &resolved).await?.unwrap_or(TypedData { data: None }));
    }
    Err("this host cannot reach the service".to_owned())
}
