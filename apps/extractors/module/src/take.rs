//! Functions with each extractor. They return what was extracted as JSON.

use bluecrab::header::{Accept, ContentLength, HeaderName};
use bluecrab::{
    Bytes, FromRequestParts, Header, Headers, Json, Path, Problem, Query, Request, RequestFields, RequestHead, http,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Reads one route parameter.
#[http(methods = ["GET"], route = "path-one/{id}")]
pub fn path_one(Path(id): Path<u8>) -> Json<u8> {
    Json(id)
}

/// Reads several route parameters by their order.
#[http(methods = ["GET"], route = "path-pair/{table}/{row}")]
pub fn path_pair(Path((table, row)): Path<(String, i64)>) -> Json<(String, i64)> {
    Json((table, row))
}

/// The route parameters of `path_struct`.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Place {
    table: String,
    row: i64,
}

/// Reads several route parameters by their names.
#[http(methods = ["GET"], route = "path-struct/{row}/{table}")]
pub fn path_struct(Path(place): Path<Place>) -> Json<Place> {
    Json(place)
}

/// An order in the query string of `query`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The smallest first.
    Up,
    /// The largest first.
    Down,
}

/// The query string of `query`.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Filter {
    page: u32,
    word: Option<String>,
    order: Option<Order>,
    #[serde(default)]
    full: bool,
    #[serde(default)]
    ids: Vec<u32>,
}

/// Reads the query string as a struct.
#[http(methods = ["GET"])]
pub fn query(Query(filter): Query<Filter>) -> Json<Filter> {
    Json(filter)
}

/// Reads the query string as a list of pairs, if the request has a query string.
#[http(methods = ["GET"])]
pub fn query_optional(query: Option<Query<Vec<(String, String)>>>) -> Json<Value> {
    Json(json!(query.map(|Query(pairs)| pairs)))
}

/// Reads all header fields.
#[http(methods = ["GET"])]
pub fn headers(headers: Headers) -> Json<Vec<(String, String)>> {
    Json(headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// A custom header field.
#[derive(Debug)]
pub enum ApiVersion {}

impl HeaderName for ApiVersion {
    const NAME: &'static str = "x-api-version";
}

/// Reads a required header field and an optional header field.
#[http(methods = ["GET"])]
pub fn header(version: Header<ApiVersion, u32>, accept: Option<Header<Accept>>) -> Json<(u32, Option<String>)> {
    Json((*version, accept.map(Header::into_inner)))
}

/// Reads an optional header field, which must not be wrong.
#[http(methods = ["GET"])]
pub fn header_optional(version: Option<Header<ApiVersion, u32>>) -> Json<Option<u32>> {
    Json(version.map(Header::into_inner))
}

/// A point in the plane.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Point {
    x: f64,
    y: f64,
}

/// Reads and returns JSON.
#[http(methods = ["POST"])]
pub fn json_body(Json(Point { x, y }): Json<Point>) -> Json<Point> {
    Json(Point { x: y, y: x })
}

/// Reads JSON if the request has a body.
#[http(methods = ["POST"])]
pub fn json_optional(point: Option<Json<Point>>) -> Json<bool> {
    Json(point.is_some())
}

/// Reads JSON, or the problem if the body is rejected.
#[http(methods = ["POST"])]
pub fn json_result(point: Result<Json<Point>, Problem>) -> (u16, String) {
    match point {
        Ok(Json(Point { x, y })) => (200, format!("{x} {y}")),
        Err(problem) => (422, problem.detail().to_owned()),
    }
}

/// Prints the values of the body again.
#[http(methods = ["POST"])]
pub fn json_again(values: Json<Vec<Value>>) -> Json<Vec<Value>> {
    values
}

/// Reads the body as text.
#[http(methods = ["POST"], max_body = "1KiB")]
pub fn text(text: String) -> Json<(usize, String)> {
    Json((text.chars().count(), text))
}

/// Returns the bytes of the body unchanged.
#[http(methods = ["POST"])]
pub fn bytes(bytes: Bytes) -> Bytes {
    bytes
}

/// Reads the whole request.
#[http(methods = ["PUT"], route = "whole/{a}/{b?}")]
pub fn whole(request: Request) -> Json<Value> {
    let (version, head) = (request.header("X-Api-Version"), &request.head);
    Json(json!({
        "method": head.method,
        "url": head.url,
        "params": head.params,
        "query": head.query,
        "version": version,
        "length": request.body.len(),
    }))
}

/// Has an argument of each kind. All except the last read the head.
#[http(methods = ["POST"], route = "mixed/{id}")]
pub fn mixed(
    Path(id): Path<u32>,
    Query(filter): Query<Filter>,
    length: Header<ContentLength, u64>,
    all: Headers,
    request: Request,
) -> Json<(u32, u32, u64, bool, usize)> {
    Json((id, filter.page, *length, all.get("content-length") == request.header("content-length"), request.body.len()))
}

/// A custom extractor, which reads one header field.
pub struct Caller(String);

impl FromRequestParts for Caller {
    const FIELDS: RequestFields = RequestFields::header("authorization");

    fn from_request_parts(head: &mut RequestHead) -> Result<Self, Problem> {
        let name = head.headers.get("authorization").and_then(|value| value.strip_prefix("Bearer "));
        name.map(|name| Self(name.to_owned()))
            .ok_or_else(|| Problem::new(401, "say who you are").with_header("www-authenticate", "Bearer"))
    }
}

/// Has an argument with a custom extractor.
#[http(methods = ["GET"])]
pub fn custom(Caller(name): Caller) -> String {
    name
}
