//! Prompts: functions with an `mcpPromptTrigger` (azure-functions-mcp-extension, `McpPromptTriggerBinding`).

use super::values::{check_given, meta, text_of, texts};
use crate::worker::Function;
use bluecrab_rpc::TypedData;
use rmcp::model::{GetPromptResult, JsonObject, Prompt, PromptArgument, PromptMessage, Role};
use serde::Deserialize;

/// The function's return value when the trigger has `useResultSchema`.
#[derive(Deserialize)]
struct Returned {
    r#type: String,
    content: String,
}

fn arguments(function: &Function) -> Vec<PromptArgument> {
    let arguments = &function.trigger()["promptArguments"];
    let read = arguments.as_str().map_or_else(|| serde_json::from_value(arguments.clone()), serde_json::from_str);
    read.unwrap_or_default()
}

/// Describes a prompt to clients.
pub fn describe(function: &Function) -> Prompt {
    let trigger = function.trigger();
    let text = |member: &str| trigger[member].as_str().map(str::to_owned);
    let mut prompt =
        Prompt::new(text("promptName").unwrap_or_default(), text("description"), Some(arguments(function)));
    prompt.title = text("title");
    prompt.icons = text("icons").and_then(|icons| serde_json::from_str(&icons).ok());
    prompt.meta = meta(trigger);
    prompt
}

/// Checks that every required argument has a value, before the function runs.
///
/// # Errors
/// Returns a sentence that names the missing arguments.
pub fn check(function: &Function, given: &JsonObject) -> Result<(), String> {
    let required = arguments(function).into_iter().filter(|argument| argument.required == Some(true));
    check_given("prompt", required.map(|argument| argument.name), given)
}

/// Makes the trigger metadata of a call.
pub fn metadata(given: &JsonObject) -> Vec<(String, TypedData)> {
    vec![("mcppromptargs".to_owned(), texts(given))]
}

/// Converts the function's return value to the messages for the client (azure-functions-mcp-extension,
/// `PromptReturnValueBinder` and `SimplePromptReturnValueBinder`).
///
/// # Errors
/// Returns a sentence if it is not what the trigger expects.
pub fn result(function: &Function, returned: Option<TypedData>) -> Result<GetPromptResult, String> {
    let Some(text) = text_of(returned)? else { return Ok(GetPromptResult::new(Vec::new())) };
    if function.trigger()["useResultSchema"] != true {
        return Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]));
    }
    let unreadable = |error: serde_json::Error| format!("the prompt's result cannot be read: {error}");
    let returned: Returned = serde_json::from_str(&text).map_err(unreadable)?;
    match returned.r#type.to_ascii_lowercase().as_str() {
        "prompt_messages" => serde_json::from_str(&returned.content).map(GetPromptResult::new).map_err(unreadable),
        _ => serde_json::from_str(&returned.content).map_err(unreadable),
    }
}
