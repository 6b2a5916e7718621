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

/// JSON: as an argument the body read as `T`, whatever its content type; as a response `T` printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Json<T> {
    const HEAD: HeadFields = HeadFields::NONE;

    fn from_request(request: Request) -> Result<Self, Problem> {
        let bytes = &*request.body;
        serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).map(Self).map_err(|error| {
            let offset = offset_of(bytes, error.line(), error.column());
            Problem::bad_request(format!("the body is not the JSON that this function takes: {error}"))
                .with("offset", offset)
        })
    }
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
        let request = Request { body: "[1,\n x]".into(), ..Request::default() };
        let problem = <Json<Vec<u32>> as FromRequest<_>>::from_request(request).unwrap_err();
        assert_eq!(problem.status(), 400);
        let response = problem.into_response();
        let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["offset"], 5, "{body}");
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
