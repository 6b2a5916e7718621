//! A whole request.

use crate::body::Bytes;
use crate::head::RequestHead;

/// A whole request: an argument for functions that need all of it, and what tests send to a function. A message, an
/// event or a blob that calls a function is a request, too.
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Request, http};
///
/// #[http]
/// fn describe(request: Request) -> String {
///     format!("{} {} with {} bytes", request.head.method, request.head.url, request.body.len())
/// }
///
/// let request = Request::post("/api/describe?full=1").with_body("hello");
/// assert_eq!(call(describe, request).text().unwrap(), "POST http://localhost/api/describe?full=1 with 5 bytes");
/// ```
///
/// As an argument it never rejects a request, but it makes the runtime send the whole head. The methods that build a
/// request are for [tests](crate::testing).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The head: everything except the body.
    pub head: RequestHead,
    /// The body, exactly as the client sent it: for another trigger the message, event or blob.
    pub body: Bytes,
}

impl Request {
    /// The value of a header field. The values of repeated fields are joined by commas.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)
    }
}
