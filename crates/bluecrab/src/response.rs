//! Responses, and the types that become responses.

use crate::body::Bytes;
use crate::headers::find;
use crate::output::Output;
use std::borrow::Cow;

/// A response: a status, header fields and a body.
///
/// ```
/// use bluecrab::{Response, http};
///
/// #[http(methods = ["GET"])]
/// fn report() -> Response {
///     Response::new("name,total\ncrab,7\n").with_header("content-type", "text/csv")
/// }
/// # assert_eq!(report().header("content-type"), Some("text/csv"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    pub(crate) outputs: Vec<Output>,
    pub(crate) cause: Option<Cause>,
}

/// Why a response is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The function returned `None`.
    Nothing,
    /// A sentence for the caller.
    Detail(String),
    /// A sentence for the log.
    Internal(String),
}

impl Response {
    /// A response with status 200, this body, and no header fields.
    pub fn new(body: impl Into<Bytes>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into(), outputs: Vec::new(), cause: None }
    }

    /// A response with status 200 and a body that is JSON text already. For other values use [`Json`](crate::Json).
    pub fn json(body: impl Into<Bytes>) -> Self {
        Self::new(body).with_header("content-type", "application/json")
    }

    /// Sets the status. If it is not from 200 to 599, the runtime sends status 500 instead of the response.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Sets a header field and removes all others of this name.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        self.with_added_header(name, value)
    }

    /// Adds a header field and keeps the others of this name, for example to set several cookies.
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

    /// The value of a header field. If several have this name, the value of the first.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// Completes a response for its caller. Logs an internal error, which an HTTP client must not see. Other triggers
    /// have no client: an error is a sentence for the host's log, and `None` is a success without a value.
    pub(crate) fn finish(mut self, is_http: bool) -> Self {
        match self.cause.take() {
            Some(Cause::Internal(reason)) if is_http => log::error!("{reason}"),
            Some(Cause::Nothing) if !is_http && self.status == 404 => return ().into_response(),
            Some(Cause::Detail(text) | Cause::Internal(text)) if !is_http && self.status >= 400 => {
                self.headers.clear();
                self.body = text.into();
            }
            _ => {}
        }
        self
    }

    /// The header fields, in their order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A type that a function may return.
///
/// | return type | response |
/// |---|---|
/// | `String`, `&'static str`, `Cow<'static, str>` | 200 with `Content-Type: text/plain; charset=utf-8` |
/// | `Vec<u8>`, [`Bytes`] | 200 with `Content-Type: application/octet-stream` |
/// | [`Json<T>`](crate::Json) | 200 with `Content-Type: application/json` |
/// | `()` | 204 without a body |
/// | `(status, R)` | the response of `R` with another status |
/// | `Option<R>` | the response of `R`, or 404 for `None`; for other triggers than HTTP `None` is a success without a value |
/// | `Result<R, E>` | the response of `R` or of `E` |
/// | [`Problem`](crate::Problem) | its status with `Content-Type: application/problem+json` |
/// | a struct with [`#[derive(Outputs)]`](derive@crate::Outputs) | the response of its field `#[response]`, or 204; the others are output bindings |
///
/// Implement it for your own error type to choose the status of each error:
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
    message = "`{Self}` cannot be the response of a function",
    note = "return a text, bytes, `Json<T>`, `Response` or `()`, or a `Result<_, Problem>` or `Option<_>` of one of them",
    note = "the `T` in `Json<T>` needs `#[derive(serde::Serialize)]`, and an error type of your own needs `IntoResponse`"
)]
pub trait IntoResponse {
    /// The output bindings that it writes, as the entries of a JSON list. `#[derive(Outputs)]` sets it.
    #[doc(hidden)]
    const OUTPUTS: &'static str = "";

    /// Makes the response.
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
    const OUTPUTS: &'static str = T::OUTPUTS;

    fn into_response(self) -> Response {
        match self {
            Ok(value) => value.into_response(),
            Err(error) => error.into_response(),
        }
    }
}

/// The response of `T` with another status.
impl<T: IntoResponse> IntoResponse for (u16, T) {
    const OUTPUTS: &'static str = T::OUTPUTS;

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
