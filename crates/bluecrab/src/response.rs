//! Responses, and what turns into one.

use crate::body::Bytes;

/// A response: status, header fields, body.
#[derive(Debug)]
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

    /// The same with one more header field.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
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
/// `()` gives 204; texts are `text/plain`, bytes `application/octet-stream`; `None` gives 404; an error type answers for
/// itself, as [`Problem`](crate::Problem) does.
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
        self.map_or_else(|| Response::new(Vec::new()).with_status(404), IntoResponse::into_response)
    }
}

/// A status with something else.
impl<T: IntoResponse> IntoResponse for (u16, T) {
    fn into_response(self) -> Response {
        self.1.into_response().with_status(self.0)
    }
}
