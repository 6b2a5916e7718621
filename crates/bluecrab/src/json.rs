//! JSON as an argument and as a response.

use crate::extract::FromRequest;
use crate::fields::RequestFields;
use crate::json_text::{print, read_or_problem};
use crate::problem::Problem;
use crate::request::Request;
use crate::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// JSON: as an argument the body read as a `T`, as a response a `T` written as the body.
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
/// assert_eq!(call(sum, Request::post("/api/sum").with_json(&[1, 2])).text().unwrap(), "3");
/// assert_eq!(call(sum, Request::post("/api/sum").with_body("[1, 2]")).status(), 415);
/// ```
///
/// # Rejections
///
/// | request | status | the problem also has |
/// |---|---|---|
/// | no `Content-Type`, or one that is neither `application/json` nor `application/*+json` | 415 | `header` |
/// | the body is not valid JSON, or does not fit `T` | 400 | `offset`, the byte at which it is wrong, and `pointer`, the wrong value, such as `/lines/0/price` ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)) |
///
/// The header is required for safety. Without it, a page of another site could post a form that contains JSON together
/// with the user's cookies, and the browser would not ask the function first. `curl --json` sends the header. A
/// message, an event or a tool's arguments need no header.
///
/// As `Option<Json<T>>` the argument is `None` if the body is empty.
///
/// # Responses
///
/// The response has the header `Content-Type: application/json`. If serde cannot write the value as JSON, for example
/// because the keys of a map are not texts, the client receives status 500 and the log says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Json<T> {
    const FIELDS: RequestFields = RequestFields::JSON;

    fn from_request(request: Request) -> Result<Self, Problem> {
        if request.head.is_http() {
            check_is_json(request.header("content-type"))?;
        }
        read_or_problem(&request.body, 400, "the body").map(Self)
    }
}

fn check_is_json(content_type: Option<&str>) -> Result<(), Problem> {
    if content_type.is_some_and(is_json) {
        return Ok(());
    }
    let found =
        content_type.map_or("has no Content-Type".to_owned(), |found| format!("has the Content-Type `{found}`"));
    let detail =
        format!("the request {found}; this function reads JSON, so send the header `Content-Type: application/json`");
    Err(Problem::new(415, detail).with("header", "content-type"))
}

/// Whether the media type is `application/json` or, by RFC 6839, `application/*+json`. Parameters such as `charset` may
/// follow.
fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let Some(subtype) = media_type.strip_prefix("application/") else { return false };
    let is_token = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte));
    subtype == "json" || subtype.strip_suffix("+json").is_some_and(|kind| !kind.is_empty() && is_token(kind))
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match print(&self.0) {
            Ok(bytes) => Response::json(bytes),
            Err(error) => Problem::internal(format!("the response cannot be written as JSON: {error}")).into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_problem_names_the_byte_that_is_wrong() {
        let request = Request::post("/").with_body("[1,\n x]").with_header("content-type", "application/json");
        let problem = <Json<Vec<u32>> as FromRequest<_>>::from_request(request).unwrap_err();
        assert_eq!(problem.status(), 400);
        let response = problem.into_response();
        let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!((&body["offset"], &body["pointer"]), (&5.into(), &"/1".into()), "{body}");
    }

    #[test]
    fn the_problem_repeats_only_the_start_of_a_long_string() {
        let request = Request::post("/").with_header("content-type", "application/json");
        let body = format!("\"{}\"", "\u{7f}".repeat(1 << 20));
        let problem = <Json<Vec<u32>> as FromRequest<_>>::from_request(request.with_body(body)).unwrap_err();
        let start = "\\u{7f}".repeat(64);
        let expected = "cannot read the body as JSON: invalid type: string";
        let detail = format!("{expected} \"{start}…\", expected a sequence at line 1 column 1");
        assert_eq!(problem.detail(), detail);
    }

    #[test]
    fn the_problem_names_the_value_that_is_wrong() {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code, reason = "only read")]
        struct Order {
            lines: Vec<Line>,
        }
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code, reason = "only read")]
        struct Line {
            quantity: u32,
            #[serde(default)]
            discount: Option<Discount>,
            #[serde(default)]
            code: Option<Code>,
        }
        #[derive(Debug, serde::Deserialize)]
        #[serde(tag = "kind", rename_all = "lowercase")]
        #[allow(dead_code, reason = "only read")]
        enum Discount {
            Percent { percent: f64 },
        }
        #[derive(Debug, serde::Deserialize)]
        #[serde(try_from = "String")]
        struct Code;
        impl TryFrom<String> for Code {
            type Error = String;
            fn try_from(code: String) -> Result<Self, String> {
                if code.len() == 3 { Ok(Self) } else { Err(format!("`{code}` is not a code")) }
            }
        }

        for (body, pointer) in [
            (r#"{"lines": [{"quantity": 1}, {"quantity": "two"}]}"#, "/lines/1/quantity"),
            (r#"{"lines": [{"quantity": 1}, {}]}"#, "/lines/1"),
            (r#"{"lines": [{"quantity": 1, "code": "toolong" }, {}]}"#, "/lines/0/code"),
            (r#"{"lines": [{"quantity": 1, "discount": {"kind": "percent", "percent": "a"}}]}"#, "/lines/0/discount"),
            (r#"{"lines": [{"quantity": 1, "discount": {"kind": "none"}}]}"#, "/lines/0/discount/kind"),
            (r#"{"lines": 1}"#, "/lines"),
        ] {
            let request = Request::post("/").with_body(body).with_header("content-type", "application/json");
            let problem = <Json<Order> as FromRequest<_>>::from_request(request).unwrap_err();
            assert!(problem.detail().contains(&format!("as JSON: `{pointer}`: ")), "{}", problem.detail());
            let response = problem.into_response();
            let problem: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
            assert_eq!(problem["pointer"], pointer, "{body}");
        }
    }

    #[test]
    fn json_media_types_are_recognized() {
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
}
