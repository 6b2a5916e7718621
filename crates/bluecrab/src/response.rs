//! Responses, and what turns into one.

use crate::body::Bytes;
use crate::problem::Problem;
use std::borrow::Cow;

/// A response: status, header fields, body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Response {
    /// Status 200 with a body and no header fields.
    pub fn new(body: impl Into<Bytes>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into() }
    }

    /// Status 200 with JSON text that is already printed.
    pub fn json(body: impl Into<Bytes>) -> Self {
        Self::new(body).with_header("content-type", "application/json")
    }

    /// The same with another status, 200 to 599; others are answered 500 by the runtime.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same with this header field, in place of those that have its name.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        self.with_added_header(name, value)
    }

    /// The same with one more header field, beside those that have its name; so one sets several cookies.
    #[must_use]
    pub fn with_added_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The value of a header field; of several, the first.
    pub fn header(&self, name: &str) -> Option<&str> {
        crate::request::find(&self.headers, name)
    }

    /// The header fields, in their order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// What a function may return.
///
/// `()` gives 204; texts are `text/plain`, bytes `application/octet-stream`; `None` gives 404. An error type answers
/// for itself, as [`Problem`] does:
///
/// ```
/// use bluecrab::{IntoResponse, Problem, Response, http};
///
/// enum Failure {
///     Busy,
/// }
///
/// impl IntoResponse for Failure {
///     fn into_response(self) -> Response {
///         match self {
///             Self::Busy => Problem::new(503, "try again").into_response().with_header("retry-after", "7"),
///         }
///     }
/// }
///
/// #[http]
/// fn work() -> Result<String, Failure> {
///     Err(Failure::Busy)
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a function's response",
    note = "return a text, bytes, `Json<T>`, `Response`, `()`, or `Result<_, Problem>` or `Option<_>` of one of them"
)]
pub trait IntoResponse {
    /// The response.
    fn into_response(self) -> Response;
}

impl IntoResponse for Response {
    fn into_response(self) -> Response {
        self
    }
}

impl IntoResponse for () {
    fn into_response(self) -> Response {
        Response::new(Vec::new()).with_status(204)
    }
}

impl IntoResponse for String {
    fn into_response(self) -> Response {
        Response::new(self).with_header("content-type", "text/plain; charset=utf-8")
    }
}

impl IntoResponse for &'static str {
    fn into_response(self) -> Response {
        self.to_owned().into_response()
    }
}

impl IntoResponse for Cow<'static, str> {
    fn into_response(self) -> Response {
        self.into_owned().into_response()
    }
}

impl IntoResponse for Bytes {
    fn into_response(self) -> Response {
        Response::new(self).with_header("content-type", "application/octet-stream")
    }
}

impl IntoResponse for Vec<u8> {
    fn into_response(self) -> Response {
        Bytes::from(self).into_response()
    }
}

impl<T: IntoResponse, E: IntoResponse> IntoResponse for Result<T, E> {
    fn into_response(self) -> Response {
        match self {
            Ok(value) => value.into_response(),
            Err(error) => error.into_response(),
        }
    }
}

impl<T: IntoResponse> IntoResponse for Option<T> {
    fn into_response(self) -> Response {
        self.map_or_else(|| Problem::not_found("there is no such thing").into_response(), IntoResponse::into_response)
    }
}

/// A status with something else.
impl<T: IntoResponse> IntoResponse for (u16, T) {
    fn into_response(self) -> Response {
        self.1.into_response().with_status(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_fields_are_set_or_added() {
        let response = "<p>".into_response().with_header("Content-Type", "text/html");
        let response = response.with_added_header("set-cookie", "a=1").with_added_header("Set-Cookie", "b=2");
        let expected = [("Content-Type", "text/html"), ("set-cookie", "a=1"), ("Set-Cookie", "b=2")];
        assert!(response.headers().eq(expected), "{response:?}");
    }
}
