//! Errors in the form in which clients read them: problem details (RFC 9457).

use crate::json_text::print;
use crate::response::{Cause, IntoResponse, Response};
use serde_json::{Map, Value, json};
use std::fmt::{self, Debug, Display, Write};

/// An error for the client, which is sent as `application/problem+json`
/// ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)).
///
/// ```
/// use bluecrab::{Problem, http};
///
/// #[http(env = ["LARGEST_SQUARE"])]
/// fn square(text: String) -> Result<String, Problem> {
///     let number: u64 = text.parse().map_err(|_| Problem::bad_request("the body is not a number"))?;
///     let largest: u64 = std::env::var("LARGEST_SQUARE")?.parse()?; // if this fails: status 500, and the log says why
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
    /// Written to the log when the response is sent.
    reason: Option<String>,
}

impl Problem {
    /// A problem with a status from 400 to 599 and a sentence for the client.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        let title = title(status);
        let mut members = Map::new();
        members.insert("type".to_owned(), json!("about:blank"));
        members.insert("title".to_owned(), json!(title));
        members.insert("status".to_owned(), json!(status));
        members.insert("detail".to_owned(), json!(detail.into()));
        Self { status, members, headers: Vec::new(), reason: None }
    }

    /// A problem with status 400: the request is wrong.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(400, detail)
    }

    /// A problem with status 404: what the client asks for does not exist.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(404, detail)
    }

    /// A problem with status 500 that tells the client nothing about the cause. `?` turns every other error into such a
    /// problem.
    ///
    /// The cause is logged when the response is sent. If the function recovers from the problem, nothing is
    /// logged.
    pub fn internal(error: impl Display + Debug) -> Self {
        Self { reason: Some(reason(&error)), ..Self::new(500, "the function failed; its log says why") }
    }

    /// Adds a member to the problem, for example the byte at which a body is wrong.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    /// Adds a header field to the response, for example `retry-after`.
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

/// The name of a status in RFC 9110 or RFC 6585.
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

/// Turns any error into a problem with status 500, so that `?` works for every failure that is not the client's fault.
/// The log names the error and its causes.
///
/// The bound is not [`Error`](std::error::Error) because `Box<dyn Error>`, `anyhow::Error` and texts do not implement
/// it.
impl<E: Display + Debug> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::internal(error)
    }
}

/// Returns an error's message followed by its debug form, because most errors name their causes only there.
fn reason(error: &(impl Display + Debug)) -> String {
    let message = error.to_string();
    let details = excerpt(format_args!("{error:?}"));
    if details == excerpt(format_args!("{message:?}")) {
        message // The error is a text.
    } else if details.starts_with(&message) {
        details // The debug form of `anyhow::Error` starts with the message.
    } else {
        format!("{message} ({details})")
    }
}

/// The beginning of a text. The whole text may be huge: some errors contain the body that they could not parse.
pub fn excerpt(text: fmt::Arguments<'_>) -> String {
    let mut excerpt = Excerpt(String::new());
    let _ = excerpt.write_fmt(text); // Fails when the excerpt is full, which ends the formatting.
    excerpt.0
}

struct Excerpt(String);

impl Excerpt {
    const MAX_BYTES: usize = 1024;
}

impl Write for Excerpt {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let rest = Self::MAX_BYTES.checked_sub(self.0.len()).ok_or(fmt::Error)?;
        if text.len() <= rest {
            self.0.push_str(text);
            return Ok(());
        }
        self.0.push_str(&text[..text.floor_char_boundary(rest)]);
        self.0.push('…');
        Err(fmt::Error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let detail = self.detail().to_owned();
        // Every `Value` can be printed.
        let body = print(&self.members).unwrap_or_default();
        let response = Response::new(body).with_status(self.status);
        let mut response = response.with_header("content-type", "application/problem+json");
        response.cause = Some(self.reason.map_or(Cause::Detail(detail), Cause::Internal));
        self.headers.into_iter().fold(response, |response, (name, value)| response.with_added_header(name, value))
    }
}

/// `None` is the problem 404. For other triggers than HTTP it is a success without a value.
impl<T: IntoResponse> IntoResponse for Option<T> {
    const OUTPUTS: &'static str = T::OUTPUTS;

    fn into_response(self) -> Response {
        self.map_or_else(
            || {
                let problem = Problem::not_found("the function found nothing for this request");
                Response { cause: Some(Cause::Nothing), ..problem.into_response() }
            },
            IntoResponse::into_response,
        )
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
