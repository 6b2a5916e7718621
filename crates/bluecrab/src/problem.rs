//! Errors as clients read them: problem details (RFC 9457).

use crate::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// A problem with a request, answered as `application/problem+json`.
///
/// ```
/// use bluecrab::{Problem, http};
///
/// #[http(env = ["LARGEST_SQUARE"])]
/// fn square(text: String) -> Result<String, Problem> {
///     let number: u64 = text.parse().map_err(|_| Problem::bad_request("the body is no number").with("given", text))?;
///     let largest: u64 = std::env::var("LARGEST_SQUARE")?.parse()?; // where it fails: status 500, and the log says why
///     let square = number.checked_mul(number).filter(|square| *square <= largest);
///     square.map(|square| square.to_string()).ok_or_else(|| Problem::new(422, "the square is too large"))
/// }
///
/// assert_eq!(square("one".to_owned()).unwrap_err().status(), 400);
/// assert_eq!(square("1".to_owned()).unwrap_err().status(), 500);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    status: u16,
    members: Map<String, Value>,
    headers: Vec<(String, String)>,
}

impl Problem {
    /// A problem with a status of 400 to 599 and a sentence for the client.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        let title = title(status);
        let mut members = Map::new();
        members.insert("type".to_owned(), json!("about:blank"));
        members.insert("title".to_owned(), json!(title));
        members.insert("status".to_owned(), json!(status));
        members.insert("detail".to_owned(), json!(detail.into()));
        Self { status, members, headers: Vec::new() }
    }

    /// Status 400.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(400, detail)
    }

    /// Status 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(404, detail)
    }

    /// Status 500 that tells the client nothing: the error goes to the log. What `?` makes of any error does the same.
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

    /// The same with one more header field of its response, such as `retry-after`.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
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

/// The name of a status, as RFC 9110 and RFC 6585 have it.
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ if status < 500 => "Client Error",
        _ => "Server Error",
    }
}

/// Status 500, with the error and its causes in the log: `?` is for whatever is not the client's fault.
impl<E: std::error::Error> From<E> for Problem {
    fn from(error: E) -> Self {
        let causes = std::iter::successors(error.source(), |cause| cause.source());
        let causes: String = causes.map(|cause| format!(": {cause}")).collect();
        Self::internal(format_args!("{error}{causes}"))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Value::Object(self.members).to_string();
        let response = Response::new(body).with_status(self.status);
        let response = response.with_header("content-type", "application/problem+json");
        self.headers.into_iter().fold(response, |response, (name, value)| response.with_added_header(name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_error_is_internal() {
        fn parse() -> Result<u8, Problem> {
            Ok("seven".parse()?)
        }
        let problem = parse().unwrap_err();
        assert_eq!((problem.status(), problem.detail()), (500, "the function failed; its log says why"));
    }

    #[test]
    fn has_members_and_header_fields() {
        let problem =
            Problem::new(401, "say who you are").with("realm", "rows").with_header("www-authenticate", "Bearer");
        let response = problem.into_response();
        assert_eq!(response.header("www-authenticate"), Some("Bearer"));
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        let expected = json!({
            "type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "say who you are", "realm": "rows"
        });
        assert_eq!(body, expected);
    }
}
