//! Errors as clients read them: problem details (RFC 9457).

use crate::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// A problem with a request, answered as `application/problem+json`.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    status: u16,
    members: Map<String, Value>,
}

impl Problem {
    /// A problem with a status of 400 to 599 and a sentence for the client.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        let title = match status {
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            409 => "Conflict",
            413 => "Content Too Large",
            415 => "Unsupported Media Type",
            422 => "Unprocessable Content",
            429 => "Too Many Requests",
            500 => "Internal Server Error",
            503 => "Service Unavailable",
            _ if status < 500 => "Client Error",
            _ => "Server Error",
        };
        let mut members = Map::new();
        members.insert("type".to_owned(), json!("about:blank"));
        members.insert("title".to_owned(), json!(title));
        members.insert("status".to_owned(), json!(status));
        members.insert("detail".to_owned(), json!(detail.into()));
        Self { status, members }
    }

    /// Status 400.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(400, detail)
    }

    /// Status 500 that tells the client nothing: the error goes to the log.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        log::error!("{error}");
        Self::new(500, "the function failed; its log says why")
    }

    /// The same with one more member, such as the byte at which a body is wrong.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The sentence for the client.
    pub fn detail(&self) -> &str {
        self.members.get("detail").and_then(Value::as_str).unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Value::Object(self.members).to_string();
        Response::new(body).with_status(self.status).with_header("content-type", "application/problem+json")
    }
}
