//! Tools: functions with an `mcpToolTrigger`.

use crate::app::scalar;
use crate::worker::Function;
use bluecrab_rpc::{TypedData, typed_data::Data};
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool};
use serde::Deserialize;
use serde_json::{Value, json};

pub const TRIGGER: &str = "mcpToolTrigger";

/// A property of a tool, as the trigger describes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Property {
    property_name: String,
    property_type: String,
    description: Option<String>,
    is_required: bool,
    is_array: bool,
}

/// The function's return value when the trigger has `useResultSchema`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Returned {
    r#type: String,
    content: String,
    structured_content: Option<String>,
}

fn properties(function: &Function) -> Vec<Property> {
    let properties = &function.trigger()["toolProperties"];
    let read = properties.as_str().map_or_else(|| serde_json::from_value(properties.clone()), serde_json::from_str);
    read.unwrap_or_default()
}

/// Describes a tool to clients.
pub fn describe(function: &Function) -> Tool {
    let trigger = function.trigger();
    let text = |member: &str| trigger[member].as_str().unwrap_or_default().to_owned();
    let (mut schemas, mut required) = (JsonObject::new(), Vec::new());
    for property in properties(function) {
        let kind = json!({ "type": property.property_type });
        let mut schema = if property.is_array { json!({ "type": "array", "items": kind }) } else { kind };
        if let Some(description) = property.description {
            schema["description"] = description.into();
        }
        if property.is_required {
            required.push(Value::from(property.property_name.clone()));
        }
        schemas.insert(property.property_name, schema);
    }
    let schema = json!({ "type": "object", "properties": schemas, "required": required });
    let schema = schema.as_object().cloned().unwrap_or_default();
    let mut tool = Tool::new(text("toolName"), text("description"), schema);
    let object = |member: &str| serde_json::from_str::<JsonObject>(trigger[member].as_str()?).ok();
    tool.output_schema = object("resultSchema").map(Into::into);
    tool.meta = trigger["metadata"].as_str().and_then(|metadata| serde_json::from_str(metadata).ok());
    tool
}

/// Checks that every required property has a value, before the function runs.
///
/// # Errors
/// Returns a sentence that names the missing properties.
pub fn check(function: &Function, arguments: &JsonObject) -> Result<(), String> {
    let missing: Vec<String> = properties(function)
        .into_iter()
        .filter(|property| property.is_required && arguments.get(&property.property_name).is_none_or(Value::is_null))
        .map(|property| property.property_name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("the tool needs a value for {}", missing.join(", ")))
}

/// Makes the trigger metadata of a call.
pub fn metadata(arguments: &JsonObject) -> Vec<(String, TypedData)> {
    let text = |value: &Value| scalar(value).unwrap_or_else(|| value.to_string());
    let texts: JsonObject = arguments.iter().map(|(name, value)| (name.clone(), text(value).into())).collect();
    vec![("mcptoolargs".to_owned(), TypedData::json(Value::from(texts).to_string()))]
}

/// Converts the function's return value to the result for the client (azure-functions-mcp-extension,
/// `ToolReturnValueBinder` and `SimpleToolReturnValueBinder`).
///
/// # Errors
/// Returns a sentence if it is not what the library returns.
pub fn result(function: &Function, returned: Option<TypedData>) -> Result<CallToolResult, String> {
    let text = match returned.and_then(|returned| returned.data) {
        None => return Ok(CallToolResult::success(Vec::new())),
        Some(Data::String(text) | Data::Json(text)) => text,
        Some(Data::Int(number)) => number.to_string(),
        Some(Data::Double(number)) => number.to_string(),
        Some(_) => return Err("the tool returned bytes, which are no text".to_owned()),
    };
    if function.trigger()["useResultSchema"] != true {
        return Ok(CallToolResult::success(vec![ContentBlock::text(text)]));
    }
    let unreadable = |error: serde_json::Error| format!("the tool's result cannot be read: {error}");
    let returned: Returned = serde_json::from_str(&text).map_err(unreadable)?;
    let blocks = match returned.r#type.as_str() {
        "multi_content_result" => serde_json::from_str(&returned.content).map_err(unreadable)?,
        _ => vec![serde_json::from_str(&returned.content).map_err(unreadable)?],
    };
    let mut result = CallToolResult::success(blocks);
    let structured = returned.structured_content.map(|content| serde_json::from_str(&content).map_err(unreadable));
    result.structured_content = structured.transpose()?;
    Ok(result)
}
