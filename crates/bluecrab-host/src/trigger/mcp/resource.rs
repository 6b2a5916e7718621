//! Resources: functions with an `mcpResourceTrigger`.

use crate::trigger::base64;
use crate::worker::Function;
use bluecrab_rpc::{TypedData, typed_data::Data};
use rmcp::model::{ReadResourceResult, Resource, ResourceContents};

pub const TRIGGER: &str = "mcpResourceTrigger";

/// Describes a resource to clients.
pub fn describe(function: &Function) -> Resource {
    let trigger = function.trigger();
    let text = |member: &str| trigger[member].as_str().map(str::to_owned);
    let mut resource = Resource::new(text("uri").unwrap_or_default(), text("resourceName").unwrap_or_default());
    resource.title = text("title");
    resource.description = text("description");
    resource.mime_type = text("mimeType");
    resource.size = trigger["size"].as_u64();
    resource.meta = text("metadata").and_then(|metadata| serde_json::from_str(&metadata).ok());
    resource
}

/// Converts the function's return value to the content for the client. Bytes become Base64.
pub fn result(function: &Function, returned: Option<TypedData>) -> ReadResourceResult {
    let trigger = function.trigger();
    let uri = trigger["uri"].as_str().unwrap_or_default();
    let content = match returned.and_then(|returned| returned.data) {
        Some(Data::Bytes(bytes) | Data::Stream(bytes)) => ResourceContents::blob(base64(&bytes), uri),
        Some(Data::String(text) | Data::Json(text)) => ResourceContents::text(text, uri),
        Some(Data::Int(number)) => ResourceContents::text(number.to_string(), uri),
        Some(Data::Double(number)) => ResourceContents::text(number.to_string(), uri),
        _ => return ReadResourceResult::new(Vec::new()),
    };
    ReadResourceResult::new(vec![match trigger["mimeType"].as_str() {
        Some(mime_type) => content.with_mime_type(mime_type),
        None => content,
    }])
}
