//! Responses that the host itself makes: problem details (RFC 9457), JSON, or no body.

use crate::body::{Answer, whole};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Value, json};

/// Makes a problem response. `detail` is a sentence for the developer.
pub fn problem(status: StatusCode, detail: &str) -> Answer {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    let mut response = Response::new(whole(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// Makes a response without a body.
pub fn empty(status: StatusCode) -> Answer {
    let mut response = Response::new(whole(""));
    *response.status_mut() = status;
    response
}

/// Makes a response of JSON.
pub fn json_answer(value: &Value) -> Answer {
    let mut response = Response::new(whole(value.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
