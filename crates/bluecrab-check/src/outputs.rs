//! Checks the outputs of a response: section 13.

use crate::manifest::Function;
use serde_json::{Map, Value};
use std::ops::Range;

/// Checks the outputs that a response head names, and returns which part of the body the client gets. An error
/// continues the sentence "the response head …".
pub(crate) fn check(head: &Map<String, Value>, function: &Function, body: &[u8]) -> Result<Range<usize>, String> {
    let Some(outputs) = head.get("outputs") else { return Ok(0..body.len()) };
    let outputs = outputs.as_array().ok_or("has a member `outputs` that is not a list")?;
    let mut first = body.len();
    for output in outputs {
        let range = check_output(output, function, body)?;
        first = first.min(range.start);
    }
    for binding in function.outputs.iter().filter(|binding| binding.r#type == "blob") {
        if outputs.iter().filter(|output| output["name"] == binding.name.as_str()).count() > 1 {
            return Err(format!("has several entries for the blob `{}`", binding.name));
        }
    }
    match head.get("body") {
        None => Ok(0..first),
        Some(span) => range(&span[0], &span[1], body)
            .ok_or_else(|| format!("has the body {span}, which the response does not have")),
    }
}

fn check_output(output: &Value, function: &Function, body: &[u8]) -> Result<Range<usize>, String> {
    let name = output["name"].as_str().ok_or("has an output without a name")?;
    if !function.outputs.iter().any(|binding| binding.name == name) {
        return Err(format!("has the output `{name}`, which the manifest does not have"));
    }
    let range = range(&output["offset"], &output["length"], body)
        .ok_or_else(|| format!("has the output `{name}` outside of the body of {} bytes", body.len()))?;
    let bytes = &body[range.clone()];
    let fits = match output["kind"].as_str() {
        Some("bytes") => true,
        Some("text") => std::str::from_utf8(bytes).is_ok(),
        Some("json") => serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok(),
        _ => {
            return Err(format!(
                "has the output `{name}` of the kind {}: expected bytes, text or json",
                output["kind"]
            ));
        }
    };
    if fits {
        Ok(range)
    } else {
        Err(format!("has the output `{name}`, whose bytes are not of the kind {}", output["kind"]))
    }
}

fn range(offset: &Value, length: &Value, body: &[u8]) -> Option<Range<usize>> {
    let start = usize::try_from(offset.as_u64()?).ok()?;
    let end = start.checked_add(usize::try_from(length.as_u64()?).ok()?)?;
    body.get(start..end).map(|_| start..end)
}
