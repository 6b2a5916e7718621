//! Reads and writes the values of MCP: metadata, arguments and texts.

use crate::app::scalar;
use bluecrab_rpc::{TypedData, typed_data::Data};
use rmcp::model::{JsonObject, MetaObject};
use serde_json::Value;

/// Reads the metadata of a tool, a resource or a prompt.
pub fn meta(trigger: &Value) -> Option<MetaObject> {
    serde_json::from_str(trigger["metadata"].as_str()?).ok()
}

/// Checks that a call has a value for each of these names.
pub fn check_given(what: &str, required: impl Iterator<Item = String>, given: &JsonObject) -> Result<(), String> {
    let missing: Vec<String> = required.filter(|name| given.get(name).is_none_or(Value::is_null)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("the {what} needs a value for {}", missing.join(", "))) }
}

/// Writes the arguments of a call as texts.
pub fn texts(given: &JsonObject) -> TypedData {
    let text = |value: &Value| scalar(value).unwrap_or_else(|| value.to_string());
    let texts: JsonObject = given.iter().map(|(name, value)| (name.clone(), text(value).into())).collect();
    TypedData::json(Value::from(texts).to_string())
}

/// Returns the text that a function has returned, or `None` if it has returned nothing.
pub fn text_of(returned: Option<TypedData>) -> Result<Option<String>, String> {
    Ok(Some(match returned.and_then(|returned| returned.data) {
        None => return Ok(None),
        Some(Data::String(text) | Data::Json(text)) => text,
        Some(Data::Int(number)) => number.to_string(),
        Some(Data::Double(number)) => number.to_string(),
        Some(_) => return Err("the function returned bytes, which are not text".to_owned()),
    }))
}
