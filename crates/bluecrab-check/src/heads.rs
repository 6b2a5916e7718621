//! Writes request heads with every kind of character, and checks response heads: section 3.

use serde_json::{Map, Value, json};
use std::fmt::Write;

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

/// A simple request head with the members that the manifest lists. It is empty if the manifest lists no members.
pub(crate) fn plain(wanted: &[String]) -> Vec<u8> {
    head(wanted, "7", "text/plain").into_bytes()
}

/// Request heads with every kind of character, once as UTF-8 and once with JSON escapes.
pub(crate) fn all(wanted: &[String]) -> Vec<Vec<u8>> {
    let values = values();
    let heads = texts().into_iter().zip(values.iter().cycle()).map(|(text, value)| head(wanted, &text, value));
    let mut heads: Vec<String> = heads.collect();
    heads.extend(heads.clone().iter().map(|head| escaped(head)));
    heads.dedup();
    heads.into_iter().map(String::into_bytes).collect()
}

fn head(wanted: &[String], text: &str, value: &str) -> String {
    let mut head = Map::new();
    let mut named = Vec::new();
    for member in wanted {
        match member.as_str() {
            "method" => drop(head.insert(member.clone(), json!("POST"))),
            "url" => drop(head.insert(member.clone(), json!("https://example.org/api/rows/%7F?%22=%5C&full=1#'()"))),
            "params" => drop(head.insert(member.clone(), json!({ "id": text, "rest": text }))),
            "query" => drop(head.insert(member.clone(), json!([[text, text], ["full", "1"], ["full", ""]]))),
            "headers" => {
                let fields = json!([["content-type", value], ["x-one", value], ["x-one", ""]]);
                head.insert(member.clone(), fields);
            }
            _ => named.extend(member.strip_prefix("header:").map(|name| json!([name.to_lowercase(), value]))),
        }
    }
    if !named.is_empty() {
        head.entry("headers").or_insert(Value::Array(named));
    }
    if wanted.is_empty() { String::new() } else { Value::Object(head).to_string() }
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

/// Checks that HTTP can carry a response head. An error continues the sentence "the response head …".
pub(crate) fn check_response(head: &[u8]) -> Result<(), String> {
    if head.is_empty() {
        return Ok(());
    }
    let head: Value = serde_json::from_slice(head).map_err(|error| format!("is not JSON: {error}"))?;
    let members = head.as_object().ok_or("is not a JSON object")?;
    let Some(headers) = members.get("headers") else { return Ok(()) };
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
