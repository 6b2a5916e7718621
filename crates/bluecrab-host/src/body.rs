//! Bodies of requests and responses.

use base64::Engine;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body, either complete or streamed.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A response on its way to the client.
pub type Answer = http::Response<Body>;

/// Makes a body from bytes that are all in memory.
pub fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// Encodes bytes as Base64.
pub fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
