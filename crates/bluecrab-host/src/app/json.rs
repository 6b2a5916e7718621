//! Reads JSON files as leniently as the platform, which parses them with Newtonsoft.Json's `JObject.Parse`.
//!
//! Allowed are comments, trailing commas, single quotes, names without quotes, and a byte order mark in UTF-8 or
//! UTF-16. A missing comma or text after the root value is an error.

use crate::error::HostError;
use jsonc_parser::{ParseOptions, parse_to_serde_value};
use serde_json::{Map, Value};
use std::path::Path;

/// Reads a file that contains one JSON object.
///
/// # Errors
/// Returns an error with the line if the file cannot be read or is not such JSON.
pub fn read_object(file: &Path) -> Result<Map<String, Value>, HostError> {
    let unreadable = |reason: String| HostError::Unreadable { file: file.to_path_buf(), reason };
    let bytes = std::fs::read(file).map_err(|error| unreadable(error.to_string()))?;
    let text = decode(&bytes).ok_or_else(|| unreadable("it is not UTF-8 text; save it as UTF-8".to_owned()))?;
    let options = ParseOptions { allow_missing_commas: false, ..ParseOptions::default() };
    match parse_to_serde_value(&text, &options) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(unreadable("it must hold one JSON object: { … }".to_owned())),
        Err(error) => Err(unreadable(format!("it is not JSON: {error}"))),
    }
}

fn decode(bytes: &[u8]) -> Option<String> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks();
        let units = pairs.iter().map(|pair| unit(*pair)).collect::<Vec<_>>();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty())
    };
    match bytes {
        [0xef, 0xbb, 0xbf, text @ ..] => String::from_utf8(text.to_vec()).ok(),
        [0xff, 0xfe, text @ ..] => utf16(text, u16::from_le_bytes),
        [0xfe, 0xff, text @ ..] => utf16(text, u16::from_be_bytes),
        text => String::from_utf8(text.to_vec()).ok(),
    }
}

/// Formats a string, number, boolean or null as .NET does. Returns `None` for an array or object.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(true) => Some("True".to_owned()),
        Value::Bool(false) => Some("False".to_owned()),
        // .NET writes a float without a fraction as an integer.
        Value::Number(number) if number.is_f64() => number.as_f64().map(|number| number.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Value, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("host.json");
        std::fs::write(&file, bytes).unwrap();
        read_object(&file).map(Value::Object).map_err(|error| error.to_string())
    }

    #[test]
    fn accepts_what_the_platform_accepts() {
        let expected = serde_json::json!({ "a": { "b": [1, 2] } });
        for text in [
            r#"{"a":{"b":[1,2]}}"#,
            "\u{feff}{\"a\":{\"b\":[1,2]}}",
            "// first\n{ \"a\": { \"b\": [1, /* one */ 2,], }, } // last",
            "{ 'a': { b: [1, 2] } }",
            r#"{"a": 1, "a": {"b":[1,2]}}"#,
        ] {
            assert_eq!(read(text.as_bytes()), Ok(expected.clone()), "{text}");
        }
        let utf16 = |mark: u8, unit: fn(u16) -> [u8; 2]| {
            let units = r#"{"a":{"b":[1,2]}}"#.encode_utf16().flat_map(unit);
            [mark, mark ^ 1].into_iter().chain(units).collect::<Vec<u8>>()
        };
        assert_eq!(read(&utf16(0xff, u16::to_le_bytes)), Ok(expected.clone()));
        assert_eq!(read(&utf16(0xfe, u16::to_be_bytes)), Ok(expected));
    }

    #[test]
    fn reports_where_a_file_is_wrong() {
        for (text, part) in [
            ("{\n  oops", "line 2"),
            ("{\"a\": 1 \"b\": 2}", "line 1"),
            ("{} {}", "line 1"),
            ("[]", "one JSON object"),
            ("", "one JSON object"),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert!(error.contains("host.json") && error.contains(part), "{text}: {error}");
        }
        assert!(read(b"{\"a\": \"\xff\"}").unwrap_err().contains("not UTF-8"));
    }
}
