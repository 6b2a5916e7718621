//! Calls the same functions without WebAssembly, as the tests of an app do.

use bluecrab::Request;
use bluecrab::testing::call;
use extractors::{give, take};
use serde_json::{Value, json};

#[test]
fn arguments_are_read_as_in_the_module() {
    let request = Request::get("/api/query?page=2&word=a+b%26c&order=down&ids=3&ids=1");
    let expected = json!({ "page": 2, "word": "a b&c", "order": "down", "full": false, "ids": [3, 1] });
    assert_eq!(call(take::query, request).read_json::<Value>().unwrap(), expected);

    let request = Request::post("/api/mixed/7?page=3").with_param("id", "7").with_header("Content-Length", "5");
    let response = call(take::mixed, request.with_body("12345"));
    assert_eq!(response.read_json::<Value>().unwrap(), json!([7, 3, 5, true, 5]));

    let optional = call(take::json_optional, Request::post("/api/json-optional"));
    assert_eq!(optional.text().unwrap(), "false");
}

#[test]
fn requests_are_rejected_as_in_the_module() {
    let problem = |response: bluecrab::Response| {
        let detail = response.read_json::<Value>().unwrap()["detail"].to_string();
        (response.status(), detail)
    };
    let request = Request::get("/api/path-one/x").with_param("id", "x");
    let (status, detail) = problem(call(take::path_one, request));
    assert!(status == 400 && detail.contains("`id` is `x`"), "{status} {detail}");

    let (status, detail) = problem(call(take::header, Request::get("/api/header")));
    assert!(status == 400 && detail.contains("x-api-version is missing"), "{status} {detail}");

    let (status, detail) = problem(call(take::custom, Request::get("/api/custom").with_header("accept", "*/*")));
    assert!(status == 401 && detail.contains("who you are"), "{status} {detail}");
}

#[test]
fn responses_have_status_and_headers() {
    let response = call(give::give_response, Request::get("/api/give-response"));
    assert_eq!((response.status(), response.header("content-type")), (203, Some("text/csv")));
    let cookies = response.headers().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    assert_eq!(cookies.count(), 2);
}
