//! Writes requests, with heads of every kind of character, and checks response heads: sections 3 and 13.

use crate::manifest::{Cardinality, Function};
use crate::outputs;
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::ops::Range;

/// Texts that route parameters and query strings may contain, with every kind of character.
fn texts() -> Vec<String> {
    let ascii: String = (0..=127_u8).map(char::from).collect();
    let planes = "é ß Ω ж א م 日本語 \u{2028}\u{2029}\u{feff}\u{fffd}\u{ffff} 😀 \u{10ffff} e\u{301}";
    ["".to_owned(), "a b".to_owned(), ascii, planes.to_owned(), "x".repeat(8192)].into()
}

/// Texts that a header field may contain: Latin-1 without control characters, except for the tab.
fn values() -> Vec<String> {
    let latin: String = ['\t'].into_iter().chain(' '..='~').chain('\u{80}'..='\u{ff}').collect();
    ["".to_owned(), "text/csv; charset=\"utf-8\"".to_owned(), latin, "v".repeat(8192)].into()
}

/// The value of each input. It is valid as text, as JSON and as bytes.
const INPUT: &[u8] = b"{}";

/// The head and the body of a request.
pub(crate) type Request = (Vec<u8>, Vec<u8>);

/// A simple request: a head with the members that the manifest lists, and the bytes that the trigger brings as the
/// body. The head is empty if the manifest lists no members.
pub(crate) fn plain(function: &Function, brought: &[u8]) -> Request {
    let head = head(function, brought.len(), "7", "text/plain").into_bytes();
    (head, [brought, &INPUT.repeat(function.inputs.len())].concat())
}

/// Returns a body as the trigger brings it, such as a timer's JSON. `None` for triggers that may bring any bytes.
pub(crate) fn sample(function: &Function) -> Option<&'static [u8]> {
    match function.trigger.r#type.to_lowercase().as_str() {
        "timertrigger" => Some(
            br#"{"schedule":{"adjustForDST":true},"scheduleStatus":{"last":"2026-01-31T09:55:00+00:00","next":"2026-01-31T10:00:00+00:00","lastUpdated":"2026-01-31T09:55:00+00:00"},"isPastDue":false}"#,
        ),
        "eventgridtrigger" => Some(
            br#"{"id":"1","topic":"/subscriptions/1","subject":"/blobs/a","eventType":"Microsoft.Storage.BlobCreated","eventTime":"2026-01-31T10:00:00Z","data":{"url":"https://example.org/a"},"dataVersion":"1","metadataVersion":"1"}"#,
        ),
        "cosmosdbtrigger" => Some(br#"[{"id":"1","_ts":1769853600},{"id":"2","_ts":1769853601}]"#),
        "mcptooltrigger" => Some(b"{}"),
        _ => None,
    }
}

/// Requests whose heads have every kind of character, once as UTF-8 and once with JSON escapes.
pub(crate) fn all(function: &Function, brought: &[u8]) -> Vec<Request> {
    let values = values();
    let heads =
        texts().into_iter().zip(values.iter().cycle()).map(|(text, value)| head(function, brought.len(), &text, value));
    let mut heads: Vec<String> = heads.collect();
    heads.extend(heads.clone().iter().map(|head| escaped(head)));
    heads.dedup();
    let body = [brought, &INPUT.repeat(function.inputs.len())].concat();
    heads.into_iter().map(|head| (head.into_bytes(), body.clone())).collect()
}

fn head(function: &Function, length: usize, text: &str, value: &str) -> String {
    let wanted = &function.head;
    let mut head = Map::new();
    let mut named = Vec::new();
    for member in wanted {
        match member.as_str() {
            "method" => drop(head.insert(member.clone(), json!("POST"))),
            "url" => drop(head.insert(member.clone(), json!("https://example.org/api/rows/%7F?%22=%5C&full=1#'()"))),
            "params" => drop(head.insert(member.clone(), json!({ "id": text, "rest": text }))),
            "invocationId" => drop(head.insert(member.clone(), json!("5ca1ab1e-0000-4000-8000-000000000007"))),
            "trace" => {
                let trace = json!({ "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "" });
                head.insert(member.clone(), trace);
            }
            "retry" => drop(head.insert(member.clone(), json!({ "count": 1, "max": 5 }))),
            "metadata" => drop(
                head.insert(member.clone(), json!({ "id": text, "dequeueCount": 1, "properties": { text: text } })),
            ),
            "query" => drop(head.insert(member.clone(), json!([[text, text], ["full", "1"], ["full", ""]]))),
            "headers" => {
                let fields = json!([["content-type", value], ["x-one", value], ["x-one", ""]]);
                head.insert(member.clone(), fields);
            }
            _ => {
                named.extend(member.strip_prefix("header:").map(|name| json!([name.to_lowercase(), value])));
                if let Some(name) = member.strip_prefix("metadata:") {
                    let metadata = head.entry("metadata").or_insert_with(|| json!({}));
                    metadata[name] = if name.ends_with("Count") { json!(1) } else { json!(text) };
                }
            }
        }
    }
    add_spans(&mut head, function, length);
    if !named.is_empty() {
        head.entry("headers").or_insert(Value::Array(named));
    }
    if head.is_empty() { String::new() } else { Value::Object(head).to_string() }
}

/// Adds the members `items` and `inputs` to the head: where each of them is in the body.
fn add_spans(head: &mut Map<String, Value>, function: &Function, length: usize) {
    if function.trigger.cardinality == Cardinality::Many {
        let half = length / 2;
        head.insert("items".to_owned(), json!([[0, half], [half, length - half]]));
    } else if !function.inputs.is_empty() {
        head.insert("items".to_owned(), json!([[0, length]]));
    }
    let spans = (0..).zip(&function.inputs);
    let spans = spans.map(|(index, input)| (input.name.clone(), json!([length + index * INPUT.len(), INPUT.len()])));
    let spans: Map<String, Value> = spans.collect();
    if !spans.is_empty() {
        head.insert("inputs".to_owned(), Value::Object(spans));
    }
}

/// Rewrites JSON in ASCII, with an escape for every other character.
fn escaped(json: &str) -> String {
    let mut escaped = String::new();
    for character in json.chars() {
        if character.is_ascii() && character != '\u{7f}' {
            escaped.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped
}

/// What is wrong with a response head: the section, and the end of the sentence "the response head …".
pub(crate) type Wrong = (u8, String);

/// Checks a response head, and returns which part of the body the client gets.
pub(crate) fn check_response(head: &[u8], function: &Function, body: &[u8]) -> Result<Range<usize>, Wrong> {
    if head.is_empty() {
        return Ok(0..body.len());
    }
    let head: Value = serde_json::from_slice(head).map_err(|error| (3, format!("is not JSON: {error}")))?;
    let members = head.as_object().ok_or_else(|| (3, "is not a JSON object".to_owned()))?;
    members.get("headers").map_or(Ok(()), check_headers).map_err(|what| (3, what))?;
    outputs::check(members, function, body).map_err(|what| (13, what))
}

/// Checks that HTTP can carry header fields.
fn check_headers(headers: &Value) -> Result<(), String> {
    for pair in headers.as_array().ok_or("has a member `headers` that is not a list")? {
        let is_field = match pair.as_array().map(Vec::as_slice) {
            Some([Value::String(name), Value::String(value)]) => is_name(name) && is_value(value),
            _ => false,
        };
        if !is_field {
            return Err(format!("has a header that HTTP cannot carry: {pair}"));
        }
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let is_token = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+.^_`|~-".contains(character);
    !name.is_empty() && name.chars().all(is_token)
}

fn is_value(value: &str) -> bool {
    value.chars().all(|character| matches!(character, '\t' | ' '..='~' | '\u{80}'..='\u{ff}'))
}
