//! Every kind of response.

use anyhow::Context;
use bluecrab::{Bytes, IntoResponse, Json, Path, Problem, Response, http};
use std::collections::BTreeMap;
use std::error::Error;
use std::num::ParseIntError;

/// Nothing: 204.
#[http(methods = ["GET"])]
pub fn give_nothing() {}

/// A text of the program.
#[http(methods = ["GET"])]
pub fn give_str() -> &'static str {
    "grüße"
}

/// A text.
#[http(methods = ["GET"])]
pub fn give_string() -> String {
    "grüße".to_owned()
}

/// Bytes.
#[http(methods = ["GET"])]
pub fn give_vec() -> Vec<u8> {
    vec![0, 0xff, 0x0a]
}

/// Bytes that are no copy.
#[http(methods = ["GET"])]
pub fn give_bytes() -> Bytes {
    vec![0, 0xff, 0x0a].into()
}

/// JSON.
#[http(methods = ["GET"])]
pub fn give_json() -> Json<BTreeMap<&'static str, f64>> {
    Json(BTreeMap::from([("half", 0.5)]))
}

/// JSON that cannot be printed, as its keys are no texts: 500.
#[http(methods = ["GET"])]
pub fn give_no_json() -> Json<BTreeMap<(u8, u8), u8>> {
    Json(BTreeMap::from([((1, 2), 3)]))
}

/// A status with something.
#[http(methods = ["GET"])]
pub fn give_status() -> (u16, &'static str) {
    (202, "later")
}

/// Something or 404.
#[http(methods = ["GET"], route = "give-option/{id}")]
pub fn give_option(Path(id): Path<u8>) -> Option<Json<u8>> {
    (id < 10).then_some(Json(id))
}

/// Something or a problem.
#[http(methods = ["GET"], route = "give-result/{id}")]
pub fn give_result(Path(id): Path<u8>) -> Result<String, Problem> {
    if id < 10 { Ok(id.to_string()) } else { Err(Problem::new(422, "ten is too many").with("limit", 10)) }
}

/// An error of one's own.
#[derive(Debug)]
pub enum Failure {
    /// It is held by somebody else.
    Busy,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Busy => Problem::new(503, "try again").into_response().with_header("retry-after", "7"),
        }
    }
}

/// An error that answers for itself.
#[http(methods = ["GET"])]
pub fn give_failure() -> Result<(), Failure> {
    Err(Failure::Busy)
}

/// An error that is none of the client's business: 500, and the log says why.
#[http(methods = ["GET"])]
pub fn give_internal() -> Result<Json<u8>, Problem> {
    Ok(Json("seven".parse()?))
}

/// Two errors, from which it recovers: the log says nothing of them.
#[http(methods = ["GET"])]
pub fn give_recovered() -> String {
    fn seven() -> Result<u8, Problem> {
        Ok("seven".parse()?)
    }
    let problem = seven().err().unwrap_or_else(|| Problem::internal("seven is a number"));
    log::info!("recovered");
    format!("recovered from {}", problem.status())
}

/// Errors of every type, by `?`: 500, and the log says why.
#[http(methods = ["GET"], route = "give-error/{kind}")]
pub fn give_error(Path(kind): Path<String>) -> Result<(), Problem> {
    fn number() -> Result<u8, ParseIntError> {
        "seven".parse()
    }
    match kind.as_str() {
        "boxed" => Ok(number().map(drop).map_err(Box::<dyn Error>::from)?),
        "boxed-send" => Ok(number().map(drop).map_err(Box::<dyn Error + Send + Sync>::from)?),
        "anyhow" => Ok(number().map(drop).context("cannot read the table")?),
        _ => Err("no error of this kind".to_owned())?,
    }
}

/// A status, header fields of which one is repeated, and two cookies.
#[http(methods = ["GET"])]
pub fn give_response() -> Response {
    "a,b\n1,2\n"
        .into_response()
        .with_status(203)
        .with_header("Content-Type", "text/csv")
        .with_header("x-part", "one")
        .with_added_header("x-part", "two")
        .with_added_header("Set-Cookie", "a=1; Path=/; HttpOnly")
        .with_added_header("Set-Cookie", "b=%20; Max-Age=60; SameSite=Lax")
}

/// A cookie for each line of the body, as it is.
#[http(methods = ["POST"])]
pub fn give_cookies(lines: String) -> Response {
    lines.lines().fold(Response::new(""), |response, line| response.with_added_header("set-cookie", line))
}

/// A header field that HTTP cannot carry: 500.
#[http(methods = ["GET"])]
pub fn give_broken_header() -> Response {
    Response::new("").with_header("x-broken", "one\r\nx-smuggled: two")
}

/// A status that is none: 500.
#[http(methods = ["GET"])]
pub fn give_broken_status() -> (u16, &'static str) {
    (99, "")
}
