//! Calls functions with whole requests in ordinary tests, without WebAssembly.
//!
//! A function with [`#[http]`](crate::http) is still an ordinary function, so a test can call it with its arguments.
//! [`call`] sends it a request instead, so that extractors, rejections and the response are part of the test:
//!
//! ```
//! use bluecrab::testing::call;
//! use bluecrab::{Header, Json, Path, Problem, Request, header, http};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Row {
//!     values: Vec<f64>,
//! }
//!
//! #[http(methods = ["PUT"], route = "rows/{id}")]
//! fn put_row(Path(id): Path<u32>, tag: Header<header::IfMatch>, Json(row): Json<Row>) -> Result<String, Problem> {
//!     if *tag != "\"1\"" {
//!         return Err(Problem::new(412, "the row has changed since"));
//!     }
//!     Ok(format!("row {id}: {} values", row.values.len()))
//! }
//!
//! let request = || Request::put("/api/rows/7").with_param("id", "7").with_json(&Row { values: vec![1.0, 2.0] });
//!
//! let response = call(put_row, request().with_header("if-match", "\"1\""));
//! assert_eq!(response.status(), 200);
//! assert_eq!(response.text().unwrap(), "row 7: 2 values");
//!
//! // Without the header, the request is rejected before the function runs.
//! let response = call(put_row, request());
//! assert_eq!(response.status(), 400);
//! assert_eq!(response.read_json::<serde_json::Value>().unwrap()["header"], "if-match");
//! ```
//!
//! Such a test does not check the route, the methods, the keys or the limits of a function: the host and the runtime do
//! that in an app. The test sets the route parameters itself.

use crate::handler::Handler;
use crate::head::{RequestFields, RequestHead};
use crate::request::Request;
use crate::response::Response;
use crate::stage;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Calls a function with a request as the runtime does: the function sees only the parts of the head that its arguments
/// read.
///
/// # Panics
/// Panics if the function panics, or if the runtime would refuse the response because HTTP cannot carry it.
pub fn call<Arguments, H: Handler<Arguments>>(function: H, mut request: Request) -> Response {
    request.head = sent(request.head, H::FIELDS);
    let response = stage::measured(stage::is_on(), || function.call(request));
    check(&response);
    response
}

/// Keeps only the parts of a head that the runtime would send to a function that reads `fields`.
fn sent(head: RequestHead, fields: RequestFields) -> RequestHead {
    let wants = |field: RequestFields| fields.has(field);
    RequestHead {
        method: if wants(RequestFields::METHOD) { head.method } else { String::new() },
        url: if wants(RequestFields::URL) { head.url } else { String::new() },
        params: if wants(RequestFields::PARAMS) { head.params } else { Vec::new() },
        query: if wants(RequestFields::QUERY) { head.query } else { Vec::new() },
        headers: if wants(RequestFields::HEADERS) {
            head.headers
        } else {
            head.headers.iter().filter(|(name, _)| fields.named().contains(name)).collect()
        },
    }
}

/// Checks a response by the rules of `docs/abi.md`, sections 2 and 3.
fn check(response: &Response) {
    let status = response.status();
    assert!(
        (200..=599).contains(&status),
        "the status {status} is not from 200 to 599: the runtime would answer 500 instead"
    );
    for (name, value) in response.headers() {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+.^_`|~-".contains(&byte);
        let character = |character: char| matches!(character, '\t' | ' '..='~' | '\u{80}'..='\u{ff}');
        assert!(
            !name.is_empty() && name.bytes().all(token) && value.chars().all(character),
            "HTTP cannot carry the header {name:?}: {value:?}: the runtime would answer 500 instead"
        );
    }
}

/// Builds requests for tests.
impl Request {
    /// A request with a method and a URL, such as `/api/rows?full=1`, without header fields or a body.
    ///
    /// The query string is read from the URL. If the URL has no origin, the origin is `http://localhost`.
    pub fn new(method: &str, url: &str) -> Self {
        let origin = if url.starts_with('/') { "http://localhost" } else { "" };
        let (url, _fragment) = url.split_once('#').unwrap_or((url, ""));
        let (_, query) = url.split_once('?').unwrap_or((url, ""));
        let head = RequestHead {
            method: method.to_ascii_uppercase(),
            url: format!("{origin}{url}"),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            ..RequestHead::default()
        };
        Self { head, ..Self::default() }
    }

    /// A GET request.
    pub fn get(url: &str) -> Self {
        Self::new("GET", url)
    }

    /// A POST request.
    pub fn post(url: &str) -> Self {
        Self::new("POST", url)
    }

    /// A PUT request.
    pub fn put(url: &str) -> Self {
        Self::new("PUT", url)
    }

    /// A PATCH request.
    pub fn patch(url: &str) -> Self {
        Self::new("PATCH", url)
    }

    /// A DELETE request.
    pub fn delete(url: &str) -> Self {
        Self::new("DELETE", url)
    }

    /// Adds a route parameter. Add them in the order of the route.
    #[must_use]
    pub fn with_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.head.params.push((name.into(), value.into()));
        self
    }

    /// Adds a header field. The values of repeated fields are joined by `, `, as the runtime does it.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let mut fields: Vec<(String, String)> = self.head.headers.iter().map(owned).collect();
        match fields.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, known)) => known.extend([", ", value]),
            None => fields.push((name.to_owned(), value.to_owned())),
        }
        self.head.headers = fields.into_iter().collect();
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<crate::Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the body to a value as JSON, and adds the header `Content-Type: application/json`.
    ///
    /// # Panics
    /// Panics if the value cannot be written as JSON.
    #[must_use]
    pub fn with_json(self, value: &impl Serialize) -> Self {
        let json =
            serde_json::to_vec(value).unwrap_or_else(|error| panic!("the value cannot be written as JSON: {error}"));
        self.with_body(json).with_header("content-type", "application/json")
    }
}

/// Reads responses in tests.
impl Response {
    /// The body as text.
    ///
    /// # Errors
    /// Fails if the body is not UTF-8.
    pub fn text(&self) -> Result<&str, std::str::Utf8Error> {
        std::str::from_utf8(self.body())
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// Fails if the body is not JSON that fits `T`.
    pub fn read_json<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(self.body())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bytes, Headers, Json, Path, Query, header};
    use std::collections::BTreeMap;

    #[test]
    fn arguments_read_their_parts_of_the_request() {
        type Texts = BTreeMap<String, String>;
        let function = |Path((a, b)): Path<(u8, String)>, Query(query): Query<Texts>, all: Headers, body: Bytes| {
            format!("{a} {b} {query:?} {} {}", all.get("x-a").unwrap_or_default(), body.len())
        };
        let request = Request::post("/api/x/1/two?q=a+b%26&q2=%C3%A9#top")
            .with_param("a", "1")
            .with_param("b", "two")
            .with_header("X-A", "1")
            .with_header("x-a", "2")
            .with_body("12345");
        let response = call(function, request);
        assert_eq!(response.text().unwrap(), r#"1 two {"q": "a b&", "q2": "é"} 1, 2 5"#);
        assert_eq!(response.header("content-type"), Some("text/plain; charset=utf-8"));
    }

    #[test]
    fn parts_that_no_argument_reads_are_not_sent() {
        struct Undeclared(usize);
        impl crate::FromRequestParts for Undeclared {
            const FIELDS: RequestFields = RequestFields::METHOD.union(RequestFields::header("accept"));

            fn from_request_parts(head: &mut RequestHead) -> Result<Self, crate::Problem> {
                assert_eq!((head.method.as_str(), head.url.as_str(), head.query.len()), ("GET", "", 0));
                Ok(Self(head.headers.len()))
            }
        }
        let request = Request::get("/api/x?a=1").with_header("accept", "*/*").with_header("range", "bytes=0-1");
        assert_eq!(call(|Undeclared(count)| Json(count), request).read_json::<usize>().unwrap(), 1);
    }

    #[test]
    fn a_request_argument_reads_the_whole_request() {
        let request = Request::delete("https://example.org/api/x?a=1").with_header("range", "bytes=0-1");
        let function = |range: header::Header<header::Range>, whole: Request| {
            assert_eq!(whole.header("Range"), Some(range.as_str()));
            format!("{} {}", whole.head.method, whole.head.url)
        };
        assert_eq!(call(function, request).text().unwrap(), "DELETE https://example.org/api/x?a=1");
    }

    #[test]
    #[should_panic(expected = "the status 99 is not from 200 to 599")]
    fn refuses_statuses_that_the_runtime_refuses() {
        call(|| (99, "low"), Request::get("/"));
    }

    #[test]
    #[should_panic(expected = "HTTP cannot carry the header")]
    fn refuses_headers_that_the_runtime_refuses() {
        call(|| Response::new("").with_header("x-a", "1\r\nx-b: 2"), Request::get("/"));
    }
}
