//! What the trigger of a tool, a prompt or a resource brings to its function.

use super::{prompt, tool};
use crate::http::joined_headers;
use crate::trigger::metadata::TriggerData;
use crate::worker::Function;
use bluecrab_rpc::TypedData;
use http::request::Parts;
use rmcp::RoleServer;
use rmcp::model::{Implementation, JsonObject};
use rmcp::service::RequestContext;
use serde_json::{Value, json};
use std::collections::HashMap;

/// The header field that names a client's session.
const SESSION: &str = "mcp-session-id";

/// Who makes a call. A call by hand comes from no client.
#[derive(Default)]
pub struct Caller {
    headers: HashMap<String, String>,
    client: Option<Implementation>,
}

impl Caller {
    pub fn of(context: &RequestContext<RoleServer>) -> Self {
        let parts = context.extensions.get::<Parts>();
        let headers = parts.map(|parts| joined_headers(&parts.headers)).unwrap_or_default();
        Self { headers, client: context.client_info() }
    }
}

/// Makes what the trigger of a tool brings.
///
/// # Errors
/// Returns a sentence that names the arguments that are missing.
pub fn tool_call(function: &Function, arguments: JsonObject, caller: &Caller) -> Result<TriggerData, String> {
    tool::check(function, &arguments)?;
    let metadata = tool::metadata(&arguments);
    let value = json!({ "name": function.trigger()["toolName"], "arguments": arguments });
    Ok(call(function, value, metadata, "mcptoolcontext", caller))
}

/// Makes what the trigger of a prompt brings.
///
/// # Errors
/// Returns a sentence that names the arguments that are missing.
pub fn prompt_call(function: &Function, arguments: JsonObject, caller: &Caller) -> Result<TriggerData, String> {
    prompt::check(function, &arguments)?;
    let metadata = prompt::metadata(&arguments);
    let value = json!({ "name": function.trigger()["promptName"], "arguments": arguments });
    Ok(call(function, value, metadata, "mcppromptcontext", caller))
}

/// Makes what the trigger of a resource brings.
pub fn resource_call(function: &Function, uri: &str, caller: &Caller) -> TriggerData {
    let metadata = vec![("mcpresourceuri".to_owned(), TypedData::string(uri))];
    call(function, json!({ "uri": uri }), metadata, "mcpresourcecontext", caller)
}

/// Adds what tools, prompts and resources have in common. The value is JSON as text, as on the platform.
fn call(
    function: &Function,
    mut value: Value,
    mut metadata: Vec<(String, TypedData)>,
    context: &str,
    caller: &Caller,
) -> TriggerData {
    let session = caller.headers.get(SESSION).cloned().unwrap_or_default();
    // The misspelled name is the platform's.
    value["transport"] =
        json!({ "name": "http-streamable", "sesssionId": session, "properties": { "headers": caller.headers } });
    value["clientinfo"] = json!(caller.client);
    value["sessionid"] = json!(session);
    let text = value.to_string();
    metadata.push((context.to_owned(), TypedData::json(text.clone())));
    metadata.push((function.trigger_name.clone(), TypedData::string(text.clone())));
    metadata.push(("mcpsessionid".to_owned(), TypedData::string(session)));
    (TypedData::string(text), metadata)
}
