//! What an invocation received or returned, up to a limit.

use crate::body::base64;
use crate::http::RequestBody;
use bluecrab_rpc::{TypedData, typed_data::Data};
use bytes::Bytes;
use http::HeaderMap;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use serde_json::{Map, Value};

/// How many bytes of a body are kept.
pub const KEPT_BYTES: usize = 64 << 10;

/// What an invocation received or returned.
#[derive(Debug, Default)]
pub struct Payload {
    /// The fields of the header.
    pub headers: Vec<(String, String)>,
    /// The parameters of the route that have a value.
    pub params: Vec<(String, String)>,
    /// The trigger's metadata.
    pub metadata: Map<String, Value>,
    pub body: Body,
}

/// The beginning of a body.
#[derive(Debug, Default)]
pub struct Body {
    pub kept: Bytes,
    /// How long the body was; `None` if it was not read.
    pub length: Option<u64>,
}

/// Copies the beginning of a body, so that the rest can be freed.
fn copied(bytes: &[u8]) -> Body {
    let kept = Bytes::copy_from_slice(&bytes[..bytes.len().min(KEPT_BYTES)]);
    Body { kept, length: Some(bytes.len() as u64) }
}

impl Payload {
    /// Keeps a request. A body that is forwarded while it arrives is not kept.
    pub fn of_request(headers: &HeaderMap, params: &[(String, Option<String>)], body: &RequestBody) -> Self {
        let body = match body {
            RequestBody::Buffered(bytes) => copied(bytes),
            RequestBody::Streamed(_) => Body::default(),
        };
        let with_value = |(name, value): &(String, Option<String>)| Some((name.clone(), value.clone()?));
        let params = params.iter().filter_map(with_value).collect();
        Self { headers: texts(headers), params, metadata: Map::new(), body }
    }

    /// Keeps what a function returned, if it returned a value.
    pub fn returned(value: &TypedData) -> Option<Self> {
        value.data.as_ref().map(|_| Self { body: copied(&bytes_of(value)), ..Self::default() })
    }

    /// Keeps the value and the metadata that a trigger brought.
    pub fn of_trigger(value: &TypedData, metadata: &[(String, TypedData)]) -> Self {
        let shown = |data: &TypedData| match &data.data {
            Some(Data::String(text)) => Some(Value::String(text.clone())),
            Some(Data::Json(json)) => serde_json::from_str(json).ok(),
            _ => None,
        };
        let metadata = metadata.iter().filter_map(|(name, data)| Some((name.clone(), shown(data)?))).collect();
        Self { metadata, body: copied(&bytes_of(value)), ..Self::default() }
    }
}

/// Returns the fields of a header as text.
pub fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

/// Returns a value as bytes; a list of texts becomes an array of JSON.
fn bytes_of(value: &TypedData) -> Bytes {
    match &value.data {
        Some(Data::Bytes(bytes) | Data::Stream(bytes)) => bytes.clone(),
        Some(Data::String(text) | Data::Json(text)) => text.clone().into(),
        Some(Data::Int(number)) => number.to_string().into(),
        Some(Data::Double(number)) => number.to_string().into(),
        Some(Data::CollectionString(texts)) => serde_json::json!(texts.string).to_string().into(),
        _ => Bytes::new(),
    }
}

/// Shows the body as `text`, or as `base64` if it is not UTF-8, and whether it `isWhole`.
impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Body { kept, length } = &self.body;
        let mut fields = serializer.serialize_struct("Payload", 6)?;
        fields.serialize_field("headers", &self.headers)?;
        fields.serialize_field("params", &self.params)?;
        fields.serialize_field("metadata", &self.metadata)?;
        match std::str::from_utf8(kept) {
            Ok(text) => fields.serialize_field("text", text)?,
            // The limit may have cut a character.
            Err(error) if error.error_len().is_none() && kept.len() == KEPT_BYTES => {
                fields.serialize_field("text", &String::from_utf8_lossy(&kept[..error.valid_up_to()]))?;
            }
            Err(_) => fields.serialize_field("base64", &base64(kept))?,
        }
        fields.serialize_field("length", length)?;
        fields.serialize_field("isWhole", &(*length == Some(kept.len() as u64)))?;
        fields.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(body: Body) -> Value {
        json!(Payload { body, ..Payload::default() })
    }

    #[test]
    fn shows_text_and_bytes_up_to_the_limit() {
        let text = shown(copied("é".as_bytes()));
        assert_eq!((&text["text"], &text["isWhole"]), (&json!("é"), &json!(true)));
        assert_eq!(shown(copied(&[0xff, 0]))["base64"], json!("/wA="));
        let long = format!("a{}", "é".repeat(KEPT_BYTES));
        let long = shown(copied(long.as_bytes()));
        assert_eq!(long["text"].as_str().unwrap().len(), KEPT_BYTES - 1, "no half of a character");
        assert_eq!((&long["length"], &long["isWhole"]), (&json!(2 * KEPT_BYTES + 1), &json!(false)));
        assert_eq!(shown(Body::default())["isWhole"], json!(false));
    }
}
