//! Calls functions with whole requests in ordinary tests, without WebAssembly.
//!
//! A function with [`#[http]`](crate::http) or the attribute of another trigger is still an ordinary function, so a
//! test can call it with its arguments. [`call`] sends it a request instead, so that extractors, rejections and the
//! response are part of the test:
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
//! A message, an event or a blob is a request, too, and outputs are parts of the response:
//!
//! ```
//! use bluecrab::metadata::DequeueCount;
//! use bluecrab::testing::call;
//! use bluecrab::{Bytes, Inputs, Json, Outputs, Problem, Request, queue};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Job {
//!     width: usize,
//! }
//!
//! #[derive(Inputs)]
//! struct Found {
//!     #[blob("pictures/{id}")]
//!     picture: Option<Bytes>,
//! }
//!
//! #[derive(Outputs)]
//! struct Made {
//!     #[blob("small/{id}")]
//!     small: Option<Bytes>,
//!     #[queue("done")]
//!     done: Vec<Json<usize>>,
//! }
//!
//! #[queue("jobs")]
//! fn cut(found: Found, DequeueCount(count): DequeueCount, Json(job): Json<Job>) -> Result<Made, Problem> {
//!     let picture = found.picture.ok_or_else(|| Problem::not_found(format!("no picture at attempt {count}")))?;
//!     let small: Bytes = picture[..job.width].into();
//!     Ok(Made { done: vec![Json(small.len()), Json(picture.len())], small: Some(small) })
//! }
//!
//! let message = Request::message(r#"{"width": 3}"#).with_metadata("dequeueCount", 2);
//! let response = call(cut, message.clone().with_input("picture", "PNG…"));
//! assert_eq!(response.output("small").unwrap().bytes(), b"PNG");
//! let done: Vec<_> = response.outputs_named("done").map(|output| output.text().unwrap()).collect();
//! assert_eq!(done, ["3", "6"]);
//!
//! // The platform would try this message again, and log the sentence.
//! let response = call(cut, message);
//! assert_eq!((response.status(), response.text().unwrap()), (404, "no picture at attempt 2"));
//! ```
//!
//! Such a test does not check the route, the methods, the keys or the limits of a function: the host and the runtime do
//! that in an app. The test sets the route parameters itself.

mod request;
mod response;

use crate::fields::RequestFields;
use crate::handler::Handler;
use crate::head::RequestHead;
use crate::invocation::{Invocation, TraceContext};
use crate::request::Request;
use crate::response::Response;
use crate::stage;

/// Calls a function with a request as the runtime does: the function sees only the parts of the head that its arguments
/// read.
///
/// # Panics
/// Panics if the function panics, or if the runtime would refuse the response because HTTP cannot carry it.
pub fn call<Arguments, H: Handler<Arguments>>(function: H, mut request: Request) -> Response {
    let is_http = request.head.is_http();
    let fields = if is_http { H::FIELDS.of_http() } else { H::FIELDS.of_others() };
    request.head = sent(request.head, fields);
    let response = stage::measured(stage::is_on(), || function.call(request)).finish(is_http);
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
        invocation: head.invocation.map(|invocation| Box::new(sent_invocation(*invocation, fields))),
    }
}

fn sent_invocation(mut invocation: Invocation, fields: RequestFields) -> Invocation {
    if !fields.has(RequestFields::INVOCATION_ID) {
        invocation.invocation_id.clear();
    }
    if !fields.has(RequestFields::TRACE) {
        invocation.trace = TraceContext::default();
    }
    if !fields.has(RequestFields::RETRY) {
        invocation.retry = None;
    }
    if !fields.has(RequestFields::METADATA) {
        invocation.metadata.retain(|name, _| fields.named_metadata().contains(&name.as_str()));
    }
    invocation
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
