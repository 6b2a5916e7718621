//! The parts of a request that HTTP does not have: the invocation, the trigger's metadata, items and inputs.

use crate::body::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};

/// What a plain HTTP request does not have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Invocation {
    pub is_http: bool,
    pub invocation_id: String,
    pub trace: TraceContext,
    pub retry: Option<Attempts>,
    pub metadata: Map<String, Value>,
    /// The items of a batch.
    pub items: Vec<Bytes>,
    pub inputs: Vec<(String, Bytes)>,
}

/// The trace context ([W3C](https://www.w3.org/TR/trace-context/)) of the invocation, as the host sent it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TraceContext {
    /// The field `traceparent`: the version, the trace, the parent span and the flags.
    pub traceparent: String,
    /// The field `tracestate`.
    pub tracestate: String,
}

/// The attempts of an invocation under a retry policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Attempts {
    /// How many attempts have failed before this one.
    pub count: u32,
    /// How many attempts may follow the first. -1 has no end.
    pub max: i32,
}
