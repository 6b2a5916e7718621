//! Resources: functions with an `mcpResourceTrigger`. A URI with a part in braces, such as `notes://{id}`, is a
//! template for many resources (RFC 6570).

use super::values::meta;
use crate::body::base64;
use crate::worker::Function;
use bluecrab_rpc::{TypedData, typed_data::Data};
use fancy_regex::Regex;
use rmcp::model::{JsonObject, MetaObject, ReadResourceResult, Resource, ResourceContents, ResourceTemplate};
use serde::Deserialize;
use serde_json::Value;
use std::path::PathBuf;

/// A return value that names the kind of its content (azure-functions-mcp-extension, `McpResourceResult`).
#[derive(Deserialize)]
struct Returned {
    content: String,
}

/// Content that is in a file (azure-functions-mcp-extension, `FileResourceContents`).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileContent {
    path: PathBuf,
    uri: String,
    mime_type: Option<String>,
    meta: Option<MetaObject>,
}

/// Types of text that do not begin with `text/` (`ResourceReturnValueHelper`).
const TEXT_TYPES: [&str; 9] = [
    "application/json",
    "application/xml",
    "application/javascript",
    "application/typescript",
    "application/x-javascript",
    "application/yaml",
    "application/x-yaml",
    "application/x-sh",
    "image/svg+xml",
];

fn uri(function: &Function) -> &str {
    function.trigger()["uri"].as_str().unwrap_or_default()
}

/// Returns whether a function serves all resources of a template.
pub fn is_template(function: &Function) -> bool {
    uri(function).contains('{')
}

/// Returns whether a URI fits the template of a function. A part in braces stands for anything without a slash.
pub fn fits(function: &Function, requested: &str) -> bool {
    let (mut pattern, mut rest) = ("(?i)^".to_owned(), uri(function));
    while let Some((literal, after)) = rest.split_once('{') {
        pattern.push_str(&fancy_regex::escape(literal));
        pattern.push_str("[^/]+");
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    pattern.push_str(&fancy_regex::escape(rest));
    pattern.push('$');
    Regex::new(&pattern).and_then(|pattern| pattern.is_match(requested)).unwrap_or(false)
}

/// Describes a template to clients.
pub fn describe_template(function: &Function) -> ResourceTemplate {
    let resource = describe(function);
    let mut template = ResourceTemplate::new(resource.uri, resource.name);
    (template.title, template.description) = (resource.title, resource.description);
    (template.mime_type, template.meta) = (resource.mime_type, resource.meta);
    template
}

/// Describes a resource to clients.
pub fn describe(function: &Function) -> Resource {
    let trigger = function.trigger();
    let text = |member: &str| trigger[member].as_str().map(str::to_owned);
    let mut resource = Resource::new(text("uri").unwrap_or_default(), text("resourceName").unwrap_or_default());
    resource.title = text("title");
    resource.description = text("description");
    resource.mime_type = text("mimeType");
    resource.size = trigger["size"].as_u64();
    resource.meta = meta(trigger);
    resource
}

/// Converts the function's return value to the content for the client (azure-functions-mcp-extension,
/// `ResourceReturnValueHelper`). Bytes become Base64.
///
/// # Errors
/// Returns a sentence if the return value names a file that cannot be read.
pub fn result(function: &Function, uri: &str, returned: Option<TypedData>) -> Result<ReadResourceResult, String> {
    let content = match returned.and_then(|returned| returned.data) {
        Some(Data::Bytes(bytes) | Data::Stream(bytes)) => ResourceContents::blob(base64(&bytes), uri),
        Some(Data::String(text) | Data::Json(text)) => match described(function, uri, &text)? {
            Some(content) => return Ok(ReadResourceResult::new(vec![content])),
            None => ResourceContents::text(text, uri),
        },
        Some(Data::Int(number)) => ResourceContents::text(number.to_string(), uri),
        Some(Data::Double(number)) => ResourceContents::text(number.to_string(), uri),
        _ => return Ok(ReadResourceResult::new(Vec::new())),
    };
    Ok(ReadResourceResult::new(vec![match function.trigger()["mimeType"].as_str() {
        Some(mime_type) => content.with_mime_type(mime_type),
        None => content,
    }]))
}

/// Reads a return value that describes its content. The trigger completes what it leaves out. `None` for any other
/// text.
fn described(function: &Function, uri: &str, text: &str) -> Result<Option<ResourceContents>, String> {
    let Ok(returned) = serde_json::from_str::<Returned>(text) else { return Ok(None) };
    let Ok(mut content) = serde_json::from_str::<JsonObject>(&returned.content) else { return Ok(None) };
    let mime_type = function.trigger()["mimeType"].as_str();
    for (name, default) in [("uri", Some(uri)), ("mimeType", mime_type)] {
        let is_missing = content.get(name).and_then(Value::as_str).unwrap_or_default().is_empty();
        if let Some(default) = default.filter(|_| is_missing) {
            content.insert(name.to_owned(), default.into());
        }
    }
    let content = Value::from(content);
    if let Ok(content) = serde_json::from_value(content.clone()) {
        return Ok(Some(content));
    }
    serde_json::from_value(content).ok().map(read).transpose()
}

/// Reads the content from its file: text if its type says so, and bytes if not.
fn read(file: FileContent) -> Result<ResourceContents, String> {
    let path = file.path.display();
    if !file.path.is_absolute() {
        return Err(format!(
            "the resource's content is the file {path}: name it by an absolute path, such as with path.join(__dirname, \
             …), because the platform does not start in the app's folder"
        ));
    }
    let bytes =
        std::fs::read(&file.path).map_err(|error| format!("cannot read the resource's file {path}: {error}"))?;
    let mime_type = file.mime_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    let content = if is_text(&mime_type) {
        ResourceContents::text(String::from_utf8_lossy(&bytes), file.uri)
    } else {
        ResourceContents::blob(base64(&bytes), file.uri)
    };
    let content = content.with_mime_type(mime_type);
    Ok(match file.meta {
        Some(meta) => content.with_meta(meta),
        None => content,
    })
}

fn is_text(mime_type: &str) -> bool {
    let mime_type = mime_type.to_ascii_lowercase();
    mime_type.starts_with("text/")
        || ["+json", "+xml", "+yaml"].iter().any(|end| mime_type.ends_with(end))
        || TEXT_TYPES.contains(&mime_type.as_str())
}
