//! Tools: functions with an `mcpToolTrigger`.

use super::values::{check_given, meta, text_of, texts};
use crate::worker::Function;
use bluecrab_rpc::TypedData;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool};
use serde::Deserialize;
use serde_json::{Value, json};

/// A property of a tool, as the trigger describes it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Property {
    property_name: String,
    property_type: String,
    description: Option<String>,
    is_required: bool,
    is_array: bool,
    enum_values: Option<Vec<String>>,
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
        let mut kind = json!({ "type": property.property_type });
        if let Some(values) = property.enum_values.filter(|values| !values.is_empty()) {
            kind["enum"] = values.into();
        }
        let mut schema = if property.is_array { json!({ "type": "array", "items": kind }) } else { kind };
        schema["description"] = property.description.unwrap_or_default().into();
        if property.is_required {
            required.push(Value::from(property.property_name.clone()));
        }
        schemas.insert(property.property_name, schema);
    }
    let object = |member: &str| serde_json::from_str::<JsonObject>(trigger[member].as_str()?).ok();
    let schema = object("inputSchema").unwrap_or_else(|| {
        let schema = json!({ "type": "object", "properties": schemas, "required": required });
        schema.as_object().cloned().unwrap_or_default()
    });
    let mut tool = Tool::new(text("toolName"), text("description"), schema);
    tool.output_schema = object("resultSchema").map(Into::into);
    tool.meta = meta(trigger);
    tool
}

/// Checks that every required property has a value, before the function runs.
///
/// # Errors
/// Returns a sentence that names the missing properties.
pub fn check(function: &Function, arguments: &JsonObject) -> Result<(), String> {
    let required = properties(function).into_iter().filter(|property| property.is_required);
    check_given("tool", required.map(|property| property.property_name), arguments)
}

/// Makes the trigger metadata of a call.
pub fn metadata(arguments: &JsonObject) -> Vec<(String, TypedData)> {
    vec![("mcptoolargs".to_owned(), texts(arguments))]
}

/// Converts the function's return value to the result for the client (azure-functions-mcp-extension,
/// `ToolReturnValueBinder` and `SimpleToolReturnValueBinder`).
///
/// # Errors
/// Returns a sentence if it is not what the library returns.
pub fn result(function: &Function, returned: Option<TypedData>) -> Result<CallToolResult, String> {
    let Some(text) = text_of(returned)? else { return Ok(CallToolResult::success(Vec::new())) };
    if function.trigger()["useResultSchema"] != true {
        return Ok(CallToolResult::success(vec![ContentBlock::text(text)]));
    }
    let unreadable = |error: serde_json::Error| format!("the tool's result cannot be read: {error}");
    let returned: Returned = serde_json::from_str(&text).map_err(unreadable)?;
    let blocks = match returned.r#type.as_str() {
        "call_tool_result" => return serde_json::from_str(&returned.content).map_err(unreadable),
        "multi_content_result" => serde_json::from_str(&returned.content).map_err(unreadable)?,
        _ => vec![serde_json::from_str(&returned.content).map_err(unreadable)?],
    };
    let mut result = CallToolResult::success(blocks);
    let structured = returned.structured_content.map(|content| serde_json::from_str(&content).map_err(unreadable));
    result.structured_content = structured.transpose()?;
    Ok(result)
}
