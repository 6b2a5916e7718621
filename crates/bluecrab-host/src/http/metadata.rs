//! What an invocation is told of its HTTP request.

use bluecrab_rpc::TypedData;
use hyper::HeaderMap;
use hyper::header::CONTENT_TYPE;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Bodies up to this many bytes are parsed for the trigger's metadata; the platform parses any.
pub const PARSED_BODY_BYTES: u64 = 64 << 10;

/// Headers by lower-case name, repeated ones joined by commas.
pub fn joined_headers(headers: &HeaderMap) -> HashMap<String, String> {
    let pairs = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    join(pairs)
}

/// Query values by name, repeated ones joined by commas.
pub fn joined_query(query: &str) -> HashMap<String, String> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    });
    join(pairs)
}

fn join(pairs: impl Iterator<Item = (String, String)>) -> HashMap<String, String> {
    let mut joined = HashMap::<String, String>::new();
    for (name, value) in pairs {
        joined
            .entry(name)
            .and_modify(|before| {
                before.push(',');
                before.push_str(&value);
            })
            .or_insert(value);
    }
    joined
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// The trigger's metadata: headers and query as JSON, then each member of a small JSON body, each query value and each
/// route parameter by its name, the later ones winning.
pub fn trigger_metadata(
    headers: &HashMap<String, String>,
    query: &HashMap<String, String>,
    parameters: &[(String, String)],
    body: Option<Map<String, Value>>,
) -> HashMap<String, TypedData> {
    let mut metadata = HashMap::new();
    for (name, value) in body.into_iter().flatten() {
        metadata.insert(
            name,
            match value {
                Value::String(text) => TypedData::string(text),
                other => TypedData::json(other.to_string()),
            },
        );
    }
    for (name, value) in query {
        metadata.insert(name.clone(), TypedData::string(value));
    }
    for (name, value) in parameters {
        metadata.insert(name.clone(), TypedData::string(value));
    }
    metadata.insert("Headers".to_owned(), TypedData::json(to_json(headers)));
    metadata.insert("Query".to_owned(), TypedData::json(to_json(query)));
    metadata
}

fn to_json(map: &HashMap<String, String>) -> String {
    let members = map.iter().map(|(name, value)| (name.clone(), Value::String(value.clone())));
    Value::Object(members.collect()).to_string()
}

/// Whether a body is worth being read for the trigger's metadata.
pub fn is_parsed(headers: &HeaderMap, length: Option<u64>) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    (media_type == "application/json" || media_type.ends_with("+json"))
        && length.is_some_and(|length| (1..=PARSED_BODY_BYTES).contains(&length))
}

/// The members of a body that is a JSON object.
pub fn members(body: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_repeated_query_values() {
        let query = joined_query("a=1&b=x+y%21&a=2&c");
        assert_eq!((query["a"].as_str(), query["b"].as_str(), query["c"].as_str()), ("1,2", "x y!", ""));
    }

    #[test]
    fn fills_metadata_as_the_platform_does() {
        let query = joined_query("q=1");
        let body = members(br#"{"name":"x","list":[1]}"#);
        let metadata = trigger_metadata(&HashMap::new(), &query, &[("id".to_owned(), "7".to_owned())], body);
        assert_eq!(metadata["name"], TypedData::string("x"));
        assert_eq!(metadata["list"], TypedData::json("[1]"));
        assert_eq!(metadata["id"], TypedData::string("7"));
        assert_eq!(metadata["Query"], TypedData::json(r#"{"q":"1"}"#));
    }
}
