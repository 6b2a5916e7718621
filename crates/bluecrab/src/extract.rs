//! Extractors: what a function's arguments take of the request.

use crate::body::Bytes;
use crate::head::{HeadFields, RequestHead};
use crate::headers::Headers;
use crate::problem::Problem;
use crate::request::Request;
use crate::response::{IntoResponse, Response};
use crate::values;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An argument that needs the request's head only; it may stand anywhere.
///
/// Authors implement it for what several functions need:
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{FromRequestHead, HeadFields, Problem, Request, RequestHead, http};
///
/// struct Caller(String);
///
/// impl FromRequestHead for Caller {
///     const HEAD: HeadFields = HeadFields::header("authorization");
///
///     fn from_request_head(head: &mut RequestHead) -> Result<Self, Problem> {
///         let name = head.headers.get("authorization").and_then(|value| value.strip_prefix("Bearer "));
///         let refusal = || Problem::new(401, "say who you are").with_header("www-authenticate", "Bearer");
///         name.map(|name| Self(name.to_owned())).ok_or_else(refusal)
///     }
/// }
///
/// #[http(methods = ["GET"])]
/// fn greet(Caller(name): Caller) -> String {
///     format!("Hello, {name}")
/// }
///
/// let response = call(greet, Request::get("/api/greet").with_header("authorization", "Bearer Ada"));
/// assert_eq!(response.text().unwrap(), "Hello, Ada");
/// assert_eq!(call(greet, Request::get("/api/greet")).status(), 401);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken from the head of a request",
    note = "only the last argument may take the body",
    note = "the others are `Path<T>`, `Query<T>`, `Header<N>`, `Headers`, or an `Option` of one of them"
)]
pub trait FromRequestHead: Sized {
    /// What the head must carry for it.
    const HEAD: HeadFields;

    /// Takes it.
    ///
    /// # Errors
    /// Where the request does not have it; the client gets the problem.
    fn from_request_head(head: &mut RequestHead) -> Result<Self, Problem>;

    /// Whether the request has it, be it right or wrong; where it does not, an `Option` of it is `None`.
    fn is_present(_head: &RequestHead) -> bool {
        true
    }
}

/// An argument that may need the body; it stands last. Authors implement `FromRequest`, without a parameter.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken from a request",
    note = "arguments are `Path<T>`, `Query<T>`, `Header<N>` and `Headers`, or an `Option` of one of them",
    note = "the last one may be `Json<T>`, `String`, `Bytes` or `Request`"
)]
pub trait FromRequest<Via = ViaBody>: Sized {
    /// What the head must carry for it.
    const HEAD: HeadFields;

    /// Takes it.
    ///
    /// # Errors
    /// Where the request does not have it; the client gets the problem.
    fn from_request(request: Request) -> Result<Self, Problem>;
}

/// Tells extractors of the body from those of the head, which may stand last too.
#[derive(Debug)]
pub struct ViaBody;

/// See [`ViaBody`].
#[derive(Debug)]
pub struct ViaHead;

impl<T: FromRequestHead> FromRequest<ViaHead> for T {
    const HEAD: HeadFields = T::HEAD;

    fn from_request(mut request: Request) -> Result<Self, Problem> {
        T::from_request_head(&mut request.head)
    }
}

/// JSON: as an argument the body read as `T`; as a response `T` printed.
///
/// | request | answer |
/// |---|---|
/// | `Content-Type` is neither `application/json` nor `application/*+json`, or is missing | 415 |
/// | the body is not JSON, or not the JSON of a `T` | 400, with the byte at which it is wrong |
///
/// The header is required because without it a page of another site could post a form with JSON in it, together with the
/// user's cookies, and the browser would not ask first. `curl --json`, and `fetch` with the header, send it:
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{Json, Request, http};
///
/// #[http(methods = ["POST"])]
/// fn sum(Json(numbers): Json<Vec<f64>>) -> Json<f64> {
///     Json(numbers.iter().sum())
/// }
///
/// assert_eq!(call(sum, Request::post("/api/sum").with_json(&[1, 2])).text().unwrap(), "3.0");
/// assert_eq!(call(sum, Request::post("/api/sum").with_body("[1, 2]")).status(), 415);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Json<T> {
    const HEAD: HeadFields = HeadFields::header("content-type");

    fn from_request(request: Request) -> Result<Self, Problem> {
        check_is_json(request.header("content-type"))?;
        let bytes = &*request.body;
        serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).map(Self).map_err(|error| {
            let offset = offset_of(bytes, error.line(), error.column());
            Problem::bad_request(format!("the body is not the JSON that this function takes: {error}"))
                .with("offset", offset)
        })
    }
}

fn check_is_json(content_type: Option<&str>) -> Result<(), Problem> {
    if content_type.is_some_and(is_json) {
        return Ok(());
    }
    let found =
        content_type.map_or("has no Content-Type".to_owned(), |found| format!("has the Content-Type `{found}`"));
    let detail =
        format!("the request {found}: this function takes JSON; send the header `Content-Type: application/json`");
    Err(Problem::new(415, detail).with("header", "content-type"))
}

/// Whether it is `application/json` or, by RFC 6839, `application/*+json`; parameters such as `charset` may follow.
fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let Some(subtype) = media_type.strip_prefix("application/") else { return false };
    let is_token = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte));
    subtype == "json" || subtype.strip_suffix("+json").is_some_and(|kind| !kind.is_empty() && is_token(kind))
}

/// The byte of a place that serde_json names by line and column, both counted from 1.
fn offset_of(bytes: &[u8], line: usize, column: usize) -> usize {
    let before: usize =
        bytes.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    (before + column.saturating_sub(1)).min(bytes.len())
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => Response::json(bytes),
            Err(error) => Problem::internal(format!("the response cannot be printed as JSON: {error}")).into_response(),
        }
    }
}

impl FromRequest for Bytes {
    const HEAD: HeadFields = HeadFields::NONE;

    fn from_request(request: Request) -> Result<Self, Problem> {
        Ok(request.body)
    }
}

impl FromRequest for String {
    const HEAD: HeadFields = HeadFields::NONE;

    fn from_request(request: Request) -> Result<Self, Problem> {
        match std::str::from_utf8(&request.body) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => {
                let offset = error.valid_up_to();
                Err(Problem::bad_request(format!("the body is not UTF-8 at byte {offset}")).with("offset", offset))
            }
        }
    }
}

impl FromRequest for Request {
    const HEAD: HeadFields = HeadFields::ALL;

    fn from_request(request: Request) -> Result<Self, Problem> {
        Ok(request)
    }
}

/// The query, read as a struct or map, where a list takes all values of a repeated name, or as a list of pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestHead for Query<T> {
    const HEAD: HeadFields = HeadFields::QUERY;

    fn from_request_head(head: &mut RequestHead) -> Result<Self, Problem> {
        let read = values::read_query(&head.query);
        read.map(Self)
            .map_err(|error| Problem::bad_request(format!("the query is not what this function takes: {error}")))
    }

    fn is_present(head: &RequestHead) -> bool {
        !head.query.is_empty()
    }
}

/// The route's parameters: one value, a tuple in their order, or a struct by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned> FromRequestHead for Path<T> {
    const HEAD: HeadFields = HeadFields::PARAMS;

    fn from_request_head(head: &mut RequestHead) -> Result<Self, Problem> {
        let read = values::read_path(&head.params);
        read.map(Self)
            .map_err(|error| Problem::bad_request(format!("the path is not what this function takes: {error}")))
    }

    fn is_present(head: &RequestHead) -> bool {
        !head.params.is_empty()
    }
}

impl FromRequestHead for Headers {
    const HEAD: HeadFields = HeadFields::HEADERS;

    fn from_request_head(head: &mut RequestHead) -> Result<Self, Problem> {
        Ok(head.headers.clone())
    }
}

impl<T: FromRequestHead> FromRequestHead for Option<T> {
    const HEAD: HeadFields = T::HEAD;

    fn from_request_head(head: &mut RequestHead) -> Result<Self, Problem> {
        if T::is_present(head) { T::from_request_head(head).map(Some) } else { Ok(None) }
    }
}

/// The rejection itself, for a function that answers in its own way.
impl<T: FromRequestHead> FromRequestHead for Result<T, Problem> {
    const HEAD: HeadFields = T::HEAD;

    fn from_request_head(head: &mut RequestHead) -> Result<Self, Problem> {
        Ok(T::from_request_head(head))
    }
}

/// The rejection itself, for a function that answers in its own way.
impl<T: FromRequest> FromRequest for Result<T, Problem> {
    const HEAD: HeadFields = T::HEAD;

    fn from_request(request: Request) -> Result<Self, Problem> {
        Ok(T::from_request(request))
    }
}

/// `None` where the body is empty.
impl<T: FromRequest> FromRequest for Option<T> {
    const HEAD: HeadFields = T::HEAD;

    fn from_request(request: Request) -> Result<Self, Problem> {
        if request.body.is_empty() { Ok(None) } else { T::from_request(request).map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_where_it_is_wrong() {
        let request = Request::post("/").with_body("[1,\n x]").with_header("content-type", "application/json");
        let problem = <Json<Vec<u32>> as FromRequest<_>>::from_request(request).unwrap_err();
        assert_eq!(problem.status(), 400);
        let response = problem.into_response();
        let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["offset"], 5, "{body}");
    }

    #[test]
    fn json_has_many_names() {
        for name in [
            "application/json",
            "application/json; charset=utf-8",
            "application/json;charset=utf-8",
            " Application/JSON ; x=\"a;b\"",
            "application/problem+json",
            "application/vnd.api+json; version=1",
            "APPLICATION/LD+JSON",
        ] {
            assert!(is_json(name), "{name}");
        }
        for name in [
            "",
            "json",
            "text/json",
            "text/plain",
            "text/plain; application/json",
            "text/plain;charset=application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=json",
            "application/jsonp",
            "application/x-json",
            "application/json-seq",
            "application/+json",
            "application/a b+json",
            "application/a,b+json",
            "application/text/plain+json",
            "application/json, text/plain",
            "text/plain, application/json",
            "image/svg+json",
            "application",
            "application/json+xml",
        ] {
            assert!(!is_json(name), "{name}");
        }
    }

    #[test]
    fn takes_from_head_and_body() {
        let mut head = RequestHead { query: vec![("n".to_owned(), "3".to_owned())], ..RequestHead::default() };
        let Query(pair) = Query::<std::collections::HashMap<String, u8>>::from_request_head(&mut head).unwrap();
        assert_eq!(pair["n"], 3);
        assert_eq!(Option::<Path<u8>>::from_request_head(&mut head).unwrap(), None);
        let wrong = <String as FromRequest>::from_request(Request { body: vec![b'a', 0xff].into(), head });
        assert!(wrong.unwrap_err().detail().contains("byte 1"));
    }
}
