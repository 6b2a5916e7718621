//! What a function writes to an output binding: one or more messages, events, entities or a blob.

use super::surrogates::replace_lone_surrogates;
use crate::body::base64;
use bluecrab_rpc::{TypedData, typed_data::Data};
use bytes::Bytes;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

/// One message, event, entity or blob.
#[derive(Debug, Clone)]
pub enum Item {
    /// Exact bytes.
    Bytes(Bytes),
    /// A text that is not parsed.
    Text(String),
    /// A JSON value, in the function's own spelling.
    Json(Box<RawValue>),
}

impl Item {
    /// Splits an output into its items. A JSON array is one item for each element, and so is a text that looks like
    /// one; bytes are never split (azure-functions-host, `FunctionBinding.ReadAsEnumerable`).
    ///
    /// # Errors
    /// Returns a sentence if a text looks like a JSON object or array and is not one.
    pub fn split(data: TypedData) -> Result<Vec<Self>, String> {
        Ok(match data.data {
            None => Vec::new(),
            Some(Data::Bytes(bytes) | Data::Stream(bytes)) => vec![Self::Bytes(bytes)],
            Some(Data::Int(number)) => vec![Self::Text(number.to_string())],
            Some(Data::Double(number)) => vec![Self::Text(number.to_string())],
            Some(Data::Json(json)) => Self::of_json(&json)?,
            Some(Data::String(text)) => match enclosed_json(&text) {
                true => Self::of_json(&text)?,
                false => vec![Self::Text(text)],
            },
            Some(Data::CollectionString(texts)) => texts.string.into_iter().map(Self::Text).collect(),
            Some(Data::CollectionBytes(parts)) => {
                parts.bytes.into_iter().map(|part| Self::Bytes(part.into())).collect()
            }
            Some(Data::CollectionDouble(numbers)) => {
                numbers.double.iter().map(|number| Self::Text(number.to_string())).collect()
            }
            Some(Data::CollectionSint64(numbers)) => {
                numbers.sint64.iter().map(|number| Self::Text(number.to_string())).collect()
            }
            Some(Data::Http(_)) => return Err("it is an HTTP response, which only an HTTP output takes".to_owned()),
        })
    }

    /// Returns the single item of a blob, which is never split. `None` if the function set no value.
    ///
    /// # Errors
    /// Returns a sentence for a value that a blob cannot hold.
    pub fn whole(data: TypedData) -> Result<Option<Self>, String> {
        Ok(Some(match data.data {
            None => return Ok(None),
            Some(Data::String(text)) => Self::Text(text),
            Some(Data::Json(json)) => match json.trim() {
                "null" => return Ok(None),
                "true" => Self::Bytes(Bytes::from_static(&[1])),
                "false" => Self::Bytes(Bytes::from_static(&[0])),
                _ => Self::Json(raw(&json)?),
            },
            // The platform writes the number's own bytes (azure-functions-host, `FunctionBinding.ConvertValueToBytes`).
            Some(Data::Int(number)) => Self::Bytes(match i32::try_from(number) {
                Ok(number) => Bytes::copy_from_slice(&number.to_le_bytes()),
                Err(_) => Bytes::copy_from_slice(&number.to_le_bytes()),
            }),
            Some(Data::Double(number)) => Self::Bytes(Bytes::copy_from_slice(&number.to_le_bytes())),
            Some(Data::Bytes(bytes) | Data::Stream(bytes)) => Self::Bytes(bytes),
            Some(_) => return Err("it is a list or an HTTP response: a blob takes bytes, a text or JSON".to_owned()),
        }))
    }

    /// Returns a function's return value that no output took. Lists, which no function returns, are left out.
    pub fn returned(data: TypedData) -> Option<Self> {
        Some(match data.data? {
            Data::Bytes(bytes) | Data::Stream(bytes) => Self::Bytes(bytes),
            Data::Int(number) => Self::Text(number.to_string()),
            Data::Double(number) => Self::Text(number.to_string()),
            Data::String(text) => Self::Text(text),
            Data::Json(json) => raw(&json).map_or(Self::Text(json), Self::Json),
            _ => return None,
        })
    }

    fn of_json(json: &str) -> Result<Vec<Self>, String> {
        let json = replace_lone_surrogates(json);
        let parts = match json.trim_start().starts_with('[') {
            true => serde_json::from_str::<Vec<Box<RawValue>>>(&json).map_err(|error| not_json(&error))?,
            false => vec![raw(&json)?],
        };
        let item = |json: Box<RawValue>| match json.get().as_bytes().first() {
            Some(b'n') => Ok(None),
            Some(b'"') => serde_json::from_str(json.get()).map(|text| Some(Self::Text(text))),
            _ => Ok(Some(Self::Json(json))),
        };
        parts
            .into_iter()
            .filter_map(|part| item(part).transpose())
            .collect::<Result<_, _>>()
            .map_err(|error| not_json(&error))
    }

    /// Returns the bytes of a message with this item. JSON is indented, as on the platform.
    pub fn message(&self) -> Bytes {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Text(text) => text.clone().into(),
            Self::Json(json) => indented(json.get()).into(),
        }
    }
}

/// Shows an item as `{"text": …}`, `{"json": …}` or `{"base64": …}`. Bytes that are UTF-8 are shown as text.
impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Text(text) => map.serialize_entry("text", text)?,
            Self::Json(json) => map.serialize_entry("json", json)?,
            Self::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => map.serialize_entry("text", text)?,
                Err(_) => map.serialize_entry("base64", &base64(bytes))?,
            },
        }
        map.end()
    }
}

/// Returns whether the host reads a text as JSON: its trimmed ends are `{}` or `[]`.
fn enclosed_json(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'))
}

fn raw(json: &str) -> Result<Box<RawValue>, String> {
    serde_json::from_str(json).map_err(|error| not_json(&error))
}

fn not_json(error: &serde_json::Error) -> String {
    format!("it looks like JSON, which the platform then parses, but is not: {error}")
}

/// Indents a JSON text by two spaces and leaves every value as it is written.
fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut is_escaped) = (0_usize, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    let mut rest = json.chars().peekable();
    while let Some(next) = rest.next() {
        if in_text {
            out.push(next);
            in_text = is_escaped || next != '"';
            is_escaped = !is_escaped && next == '\\';
            continue;
        }
        match next {
            '{' | '[' => {
                out.push(next);
                while rest.next_if(|space| space.is_ascii_whitespace()).is_some() {}
                match rest.next_if(|end| matches!(end, '}' | ']')) {
                    Some(end) => out.push(end),
                    None => {
                        depth += 1;
                        line(&mut out, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(next);
            }
            ',' => {
                out.push(',');
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            space if space.is_ascii_whitespace() => {}
            other => {
                in_text = other == '"';
                out.push(other);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn shown(data: TypedData) -> Result<Value, String> {
        Item::split(data).map(|items| serde_json::to_value(items).unwrap())
    }

    #[test]
    fn splits_as_the_platform_does() {
        let bytes = |bytes: &'static [u8]| TypedData { data: Some(Data::Bytes(Bytes::from_static(bytes))) };
        for (data, expected) in [
            (TypedData::string("a"), json!([{ "text": "a" }])),
            (
                TypedData::string(r#" ["a",1,{"b":[2]},null] "#),
                json!([{ "text": "a" }, { "json": 1 }, { "json": { "b": [2] } }]),
            ),
            (TypedData::string(r#"{"a":1}"#), json!([{ "json": { "a": 1 } }])),
            (
                TypedData::json(r#"["cut \ud83e",{"a":"\udd80"}]"#),
                json!([{ "text": "cut \u{fffd}" }, { "json": { "a": "\u{fffd}" } }]),
            ),
            (TypedData::string("[]"), json!([])),
            (TypedData::json(r#"[[1,2],true]"#), json!([{ "json": [1, 2] }, { "json": true }])),
            (TypedData::json("null"), json!([])),
            (bytes(b"[1,2]"), json!([{ "text": "[1,2]" }])),
            (bytes(b"\xff"), json!([{ "base64": "/w==" }])),
            (TypedData { data: Some(Data::Int(5)) }, json!([{ "text": "5" }])),
            (TypedData { data: None }, json!([])),
        ] {
            assert_eq!(shown(data.clone()), Ok(expected), "{data:?}");
        }
        for text in ["{a}", "[1,]", "{]}"] {
            assert!(shown(TypedData::string(text)).unwrap_err().contains("looks like JSON"), "{text}");
        }
    }

    #[test]
    fn keeps_long_numbers_and_the_order_of_members() {
        let items = Item::split(TypedData::json(r#"[{"z":12345678901234567890123,"a":1e400}]"#)).unwrap();
        assert_eq!(items[0].message(), "{\n  \"z\": 12345678901234567890123,\n  \"a\": 1e400\n}");
    }

    #[test]
    fn a_blob_takes_the_whole_value() {
        let whole = |data| Item::whole(data).unwrap().map(|item| item.message());
        assert_eq!(whole(TypedData::string("[1]")).unwrap(), "[1]");
        assert_eq!(whole(TypedData { data: Some(Data::Int(258)) }).unwrap(), [2, 1, 0, 0].as_slice());
        assert_eq!(whole(TypedData { data: Some(Data::Double(1.0)) }).unwrap().len(), 8);
        assert_eq!(whole(TypedData::json("true")).unwrap(), [1].as_slice());
        assert_eq!(whole(TypedData::json("null")), None);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(".*", inner, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn indents_as_serde_json_does(value in json()) {
            prop_assert_eq!(indented(&value.to_string()), serde_json::to_string_pretty(&value).unwrap());
        }
    }
}
