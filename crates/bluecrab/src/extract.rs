//! The traits of extractors, and the extractors of all header fields, whole bodies and whole requests.

use crate::body::Bytes;
use crate::fields::RequestFields;
use crate::head::RequestHead;
use crate::headers::Headers;
use crate::problem::Problem;
use crate::request::Request;

/// An argument that reads the head of a request: everything except the body.
///
/// Implement it for what several of your functions need. This extractor reads the caller's name from the header
/// `Authorization`:
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{FromRequestParts, Problem, Request, RequestFields, RequestHead, http};
///
/// struct Caller(String);
///
/// impl FromRequestParts for Caller {
///     const FIELDS: RequestFields = RequestFields::header("authorization");
///
///     fn from_request_parts(head: &mut RequestHead) -> Result<Self, Problem> {
///         let name = head.headers.get("authorization").and_then(|value| value.strip_prefix("Bearer "));
///         let rejection = || Problem::new(401, "say who you are").with_header("www-authenticate", "Bearer");
///         name.map(|name| Self(name.to_owned())).ok_or_else(rejection)
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
///
/// A function may have several such arguments, in any order. They do not compete: each reads the whole head.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the head of a request",
    note = "only the last argument may read the body",
    note = "the arguments before it may be `Path<T>`, `Query<T>`, `Header<N>`, `Headers`, or an `Option` of one of them"
)]
pub trait FromRequestParts: Sized {
    /// Which parts of the head this extractor reads. The runtime sends no others.
    const FIELDS: RequestFields;

    /// Reads the argument from the head.
    ///
    /// # Errors
    /// Returns the problem that the client receives if the request does not fit. The function does not run.
    fn from_request_parts(head: &mut RequestHead) -> Result<Self, Problem>;

    /// Whether the request has what this extractor reads, right or wrong. If not, an `Option` of it is `None`.
    fn is_present(_head: &RequestHead) -> bool {
        true
    }
}

/// An argument that may read the body. It must be the last argument.
///
/// | argument | reads | rejects |
/// |---|---|---|
/// | [`Json<T>`](crate::Json) | the body as JSON | 415 if `Content-Type` does not say JSON, 400 if the body does not fit `T` |
/// | [`Multipart`](crate::Multipart) | the body as a form with files | 415 if `Content-Type` does not say so, 400 if the body is not such a form |
/// | `String` | the body as text | 400 if the body is not UTF-8; the problem's `offset` is the wrong byte |
/// | [`Bytes`] | the body, without a copy | never |
/// | [`Request`] | the whole request | never |
/// | any [`FromRequestParts`] | a part of the head | as it does elsewhere |
/// | `Option<E>` of one of the first four | `None` if the body is empty | what `E` rejects |
/// | `Result<E, Problem>` | what `E` reads, or its rejection | never |
///
/// Implement it without its type parameter for an extractor that reads the body in its own way, such as lines of
/// numbers:
///
/// ```
/// use bluecrab::testing::call;
/// use bluecrab::{FromRequest, Problem, Request, RequestFields, http};
///
/// struct Numbers(Vec<f64>);
///
/// impl FromRequest for Numbers {
///     const FIELDS: RequestFields = RequestFields::NONE;
///
///     fn from_request(request: Request) -> Result<Self, Problem> {
///         let text = <String as FromRequest>::from_request(request)?;
///         let numbers = text.lines().map(str::parse).collect::<Result<_, _>>();
///         numbers.map(Self).map_err(|error| Problem::bad_request(format!("expected a number in each line: {error}")))
///     }
/// }
///
/// #[http(methods = ["POST"])]
/// fn sum(Numbers(numbers): Numbers) -> String {
///     numbers.iter().sum::<f64>().to_string()
/// }
///
/// assert_eq!(call(sum, Request::post("/api/sum").with_body("1\n2.5")).text().unwrap(), "3.5");
/// assert_eq!(call(sum, Request::post("/api/sum").with_body("one")).status(), 400);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a request",
    note = "arguments are `Path<T>`, `Query<T>`, `Header<N>` and `Headers`, or an `Option` of one of them",
    note = "the last argument may also be `Json<T>`, `Multipart`, `String`, `Bytes` or `Request`",
    note = "the `T` in `Json<T>`, `Path<T>` and `Query<T>` needs `#[derive(serde::Deserialize)]`"
)]
pub trait FromRequest<Via = ViaRequest>: Sized {
    /// Which parts of the head this extractor reads. The runtime sends no others.
    const FIELDS: RequestFields;

    /// Reads the argument from the request.
    ///
    /// # Errors
    /// Returns the problem that the client receives if the request does not fit. The function does not run.
    fn from_request(request: Request) -> Result<Self, Problem>;
}

/// Marks a [`FromRequest`] that reads the whole request. The markers let an extractor of the head be the last argument,
/// too: without them the two implementations would overlap.
#[derive(Debug)]
pub struct ViaRequest;

/// Marks a [`FromRequest`] that is really a [`FromRequestParts`].
#[derive(Debug)]
pub struct ViaParts;

impl<T: FromRequestParts> FromRequest<ViaParts> for T {
    const FIELDS: RequestFields = T::FIELDS;

    fn from_request(mut request: Request) -> Result<Self, Problem> {
        T::from_request_parts(&mut request.head)
    }
}

/// Reads all header fields. Never rejects.
impl FromRequestParts for Headers {
    const FIELDS: RequestFields = RequestFields::HEADERS;

    fn from_request_parts(head: &mut RequestHead) -> Result<Self, Problem> {
        Ok(head.headers.clone())
    }
}

/// Reads the body as it is, without a copy. Never rejects.
impl FromRequest for Bytes {
    const FIELDS: RequestFields = RequestFields::NONE;

    fn from_request(request: Request) -> Result<Self, Problem> {
        Ok(request.body)
    }
}

/// Reads the body as text, for any `Content-Type`. Rejects a body that is not UTF-8 with 400; the problem's member
/// `offset` is the first byte that is wrong.
impl FromRequest for String {
    const FIELDS: RequestFields = RequestFields::NONE;

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

/// Reads the whole request. Never rejects.
impl FromRequest for Request {
    const FIELDS: RequestFields = RequestFields::ALL;

    fn from_request(request: Request) -> Result<Self, Problem> {
        Ok(request)
    }
}

/// Is `None` if the request does not have what `T` reads. If the request has it and it is wrong, `T` rejects it.
impl<T: FromRequestParts> FromRequestParts for Option<T> {
    const FIELDS: RequestFields = T::FIELDS;

    fn from_request_parts(head: &mut RequestHead) -> Result<Self, Problem> {
        if T::is_present(head) { T::from_request_parts(head).map(Some) } else { Ok(None) }
    }
}

/// Hands the rejection to the function, which can then answer in its own way.
impl<T: FromRequestParts> FromRequestParts for Result<T, Problem> {
    const FIELDS: RequestFields = T::FIELDS;

    fn from_request_parts(head: &mut RequestHead) -> Result<Self, Problem> {
        Ok(T::from_request_parts(head))
    }
}

/// Hands the rejection to the function, which can then answer in its own way.
impl<T: FromRequest> FromRequest for Result<T, Problem> {
    const FIELDS: RequestFields = T::FIELDS;

    fn from_request(request: Request) -> Result<Self, Problem> {
        Ok(T::from_request(request))
    }
}

/// Is `None` if the body is empty.
impl<T: FromRequest> FromRequest for Option<T> {
    const FIELDS: RequestFields = T::FIELDS;

    fn from_request(request: Request) -> Result<Self, Problem> {
        if request.body.is_empty() { Ok(None) } else { T::from_request(request).map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Path, Query};

    #[test]
    fn extractors_read_head_and_body() {
        let mut head = RequestHead { query: vec![("n".to_owned(), "3".to_owned())], ..RequestHead::default() };
        let Query(pair) = Query::<std::collections::HashMap<String, u8>>::from_request_parts(&mut head).unwrap();
        assert_eq!(pair["n"], 3);
        assert_eq!(Option::<Path<u8>>::from_request_parts(&mut head).unwrap(), None);
        let wrong = <String as FromRequest>::from_request(Request { body: vec![b'a', 0xff].into(), head });
        assert!(wrong.unwrap_err().detail().contains("byte 1"));
    }
}
