//! The head of a request: everything except the body.

use crate::body::Bytes;
use crate::headers::Headers;
use crate::invocation::{Attempts, Invocation, TraceContext};
use serde::Deserialize;
use serde_json::Value;

/// The head of a request. Parts that the function did not ask for are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RequestHead {
    /// The method, in capitals.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The names and decoded values of the parameters of the route or of the blob's path, in their order.
    #[serde(deserialize_with = "pairs_of_object")]
    pub params: Vec<(String, String)>,
    /// The decoded pairs of the query string, in their order.
    pub query: Vec<(String, String)>,
    /// The header fields, with their names in lower case.
    pub headers: Headers,
    /// What a plain HTTP request does not have.
    #[serde(skip)]
    pub(crate) invocation: Option<Box<Invocation>>,
}

impl RequestHead {
    /// The id of the invocation. Empty if the function did not ask for it.
    pub fn invocation_id(&self) -> &str {
        self.invocation.as_ref().map_or("", |invocation| &invocation.invocation_id)
    }

    /// The trace context. Empty if the function did not ask for it, or the host sent none.
    pub fn trace(&self) -> TraceContext {
        self.invocation.as_ref().map(|invocation| invocation.trace.clone()).unwrap_or_default()
    }

    /// The attempts, under a retry policy.
    pub fn attempts(&self) -> Option<Attempts> {
        self.invocation.as_ref()?.retry
    }

    /// A member of the trigger's metadata, such as `dequeueCount`.
    pub fn metadata(&self, name: &str) -> Option<&Value> {
        self.invocation.as_ref()?.metadata.get(name)
    }

    /// The bytes of an input. `None` if it does not exist.
    pub fn input(&self, name: &str) -> Option<&Bytes> {
        let inputs = &self.invocation.as_ref()?.inputs;
        inputs.iter().find(|(known, _)| known == name).map(|(_, bytes)| bytes)
    }

    /// Whether an HTTP request called the function.
    pub(crate) fn is_http(&self) -> bool {
        self.invocation.as_ref().is_none_or(|invocation| invocation.is_http)
    }
}

/// Reads a JSON object as pairs, because a map would lose the order of the route parameters.
pub(crate) fn pairs_of_object<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(String, String)>, D::Error> {
    struct Pairs;
    impl<'de> serde::de::Visitor<'de> for Pairs {
        type Value = Vec<(String, String)>;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("an object with texts as values")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(pairs)
        }
    }
    deserializer.deserialize_map(Pairs)
}
