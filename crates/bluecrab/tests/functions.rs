//! Private functions that only the macro uses compile without warnings, with any name and any return type.

#![deny(warnings)]

use bluecrab::testing::call;
use bluecrab::{Header, IntoResponse, Json, Path, Problem, Query, Request, header, http};

#[http(methods = ["GET"], route = "rows/{id}", timeout = "2m", run = "pool", warm_up = example)]
fn rows(Path(id): Path<u32>) -> impl IntoResponse {
    (201, id.to_string())
}

fn example() -> Request {
    Request::get("/api/rows/7").with_param("id", "7")
}

#[http]
fn r#type(kind: Option<Header<header::ContentType>>, mut request: Request) -> Result<impl IntoResponse, Problem> {
    request.head.method.clear();
    kind.map(|kind| Json(kind.len())).ok_or_else(|| Problem::new(415, "which type?"))
}

mod other {
    use super::*;

    #[http(name = "other-rows")]
    fn rows(_: Query<Vec<(String, String)>>, _body: Option<Json<[u8; 2]>>) {}
}

/// The macro has things of these names, too.
const FIELDS: usize = 2;
const OUTPUTS: usize = 1;

#[deprecated]
#[http]
fn request(_body: Json<[f64; FIELDS]>) -> Json<[f64; OUTPUTS]> {
    Json([1.0])
}

#[http]
fn export() {}

#[test]
fn functions_with_opaque_return_types_answer() {
    let response = call(rows, example());
    assert_eq!((response.status(), response.text().unwrap()), (201, "7"));
    assert_eq!(call(r#type, Request::get("/api/type")).status(), 415);
}
