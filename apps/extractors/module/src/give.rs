//! Functions that return each kind of response.

use anyhow::Context;
use bluecrab::{Bytes, IntoResponse, Json, Path, Problem, Response, http};
use std::collections::BTreeMap;
use std::error::Error;
use std::num::ParseIntError;

/// Returns nothing: 204.
#[http(methods = ["GET"])]
pub fn give_nothing() {}

/// Returns a static text.
#[http(methods = ["GET"])]
pub fn give_str() -> &'static str {
    "grüße"
}

/// Returns an owned text.
#[http(methods = ["GET"])]
pub fn give_string() -> String {
    "grüße".to_owned()
}

/// Returns a vector of bytes.
#[http(methods = ["GET"])]
pub fn give_vec() -> Vec<u8> {
    vec![0, 0xff, 0x0a]
}

/// Returns `Bytes`.
#[http(methods = ["GET"])]
pub fn give_bytes() -> Bytes {
    vec![0, 0xff, 0x0a].into()
}

/// Returns JSON.
#[http(methods = ["GET"])]
pub fn give_json() -> Json<BTreeMap<&'static str, f64>> {
    Json(BTreeMap::from([("half", 0.5)]))
}

/// Returns a value that cannot be written as JSON, because its keys are not texts: 500.
#[http(methods = ["GET"])]
pub fn give_no_json() -> Json<BTreeMap<(u8, u8), u8>> {
    Json(BTreeMap::from([((1, 2), 3)]))
}

/// Returns a status and a text.
#[http(methods = ["GET"])]
pub fn give_status() -> (u16, &'static str) {
    (202, "later")
}

/// Returns a value or 404.
#[http(methods = ["GET"], route = "give-option/{id}")]
pub fn give_option(Path(id): Path<u8>) -> Option<Json<u8>> {
    (id < 10).then_some(Json(id))
}

/// Returns a value or a problem.
#[http(methods = ["GET"], route = "give-result/{id}")]
pub fn give_result(Path(id): Path<u8>) -> Result<String, Problem> {
    if id < 10 { Ok(id.to_string()) } else { Err(Problem::new(422, "ten is too many").with("limit", 10)) }
}

/// A custom error type.
#[derive(Debug)]
pub enum Failure {
    /// Another caller holds what the function needs.
    Busy,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Busy => Problem::new(503, "try again").into_response().with_header("retry-after", "7"),
        }
    }
}

/// Returns an error that makes its own response.
#[http(methods = ["GET"])]
pub fn give_failure() -> Result<(), Failure> {
    Err(Failure::Busy)
}

/// Returns an error by `?` that the client must not see: 500, and the log says why.
#[http(methods = ["GET"])]
pub fn give_internal() -> Result<Json<u8>, Problem> {
    Ok(Json("seven".parse()?))
}

/// Recovers from two errors, which are not logged.
#[http(methods = ["GET"])]
pub fn give_recovered() -> String {
    fn seven() -> Result<u8, Problem> {
        Ok("seven".parse()?)
    }
    let problem = seven().err().unwrap_or_else(|| Problem::internal("seven is a number"));
    log::info!("recovered");
    format!("recovered from {}", problem.status())
}

/// Returns errors of several types by `?`: 500, and the log says why.
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

/// Returns a status, a header field with two values, and two cookies.
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

/// Sets each line of the body as a cookie, unchanged.
#[http(methods = ["POST"])]
pub fn give_cookies(lines: String) -> Response {
    lines.lines().fold(Response::new(""), |response, line| response.with_added_header("set-cookie", line))
}

/// Returns a header field that HTTP cannot carry: 500.
#[http(methods = ["GET"])]
pub fn give_broken_header() -> impl IntoResponse {
    Response::new("").with_header("x-broken", "one\r\nx-smuggled: two")
}

/// Returns a status that HTTP does not have: 500.
#[http(methods = ["GET"])]
pub fn give_broken_status() -> (u16, &'static str) {
    (99, "")
}

/// Has the same name as a function in the code that `#[http]` writes.
#[http(methods = ["GET"])]
pub fn export() -> &'static str {
    "exported"
}

/// Has the name of a method of the trait `Handler`.
#[http(methods = ["GET"])]
pub fn call() -> &'static str {
    "called"
}
