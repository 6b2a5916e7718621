//! Which function answers a path, and which parameters it receives.

use crate::common::{app_of, get, options_of, raw, send, start};
use hyper::Method;
use serde_json::{Value, json};

/// Returns the code of functions that answer with their name and route parameters. `stream` enables HTTP streaming.
fn functions(stream: bool, routes: &[(&str, &str)]) -> String {
    let setup = if stream { "app.setup({ enableHttpStream: true });" } else { "" };
    let register = |(name, route): &(&str, &str)| {
        let (route, methods) = route.split_once(' ').unwrap_or((route, "GET"));
        let methods: Vec<&str> = methods.split(',').collect();
        let options = json!({ "methods": methods, "route": route }).to_string();
        let handler = format!("handler: (request) => ({{ jsonBody: ['{name}', request.params] }})");
        format!("app.http('{name}', {{ ...{options}, {handler} }});")
    };
    format!("{setup}{}", routes.iter().map(register).collect::<String>())
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_are_tried_in_the_order_of_their_names() {
    for stream in [false, true] {
        let routes = [("users", "users/{id}"), ("all", "{*rest}"), ("Above", "users/top")];
        let app = app_of(&functions(stream, &routes), &[]);
        let (host, _) = start(options_of(&app)).await;
        for (path, expected) in
            [("/api/users/top", json!(["Above", {}])), ("/api/users/7", json!(["all", { "rest": "users/7" }]))]
        {
            assert_eq!(get(&host, path).await.json(), expected, "{path}");
        }
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_parameters_from_the_path_as_the_platform_does() {
    for stream in [false, true] {
        let routes = [
            ("data", "files/{id}.json"),
            ("day", "days/{day:datetime}"),
            ("file", "static/{*path:file}"),
            ("page", "static/{*path:nonfile}"),
            ("rest", "rest/{*path}"),
            ("row", "rows/{id}/{part?}"),
        ];
        let app = app_of(&functions(stream, &routes), &[]);
        let (host, _) = start(options_of(&app)).await;
        for (path, expected) in [
            ("/api/files/7.json", json!(["data", { "id": "7" }])),
            ("/api/days/2026-11-26", json!(["day", { "day": "2026-11-26" }])),
            ("/api/static/a/b.css", json!(["file", { "path": "a/b.css" }])),
            ("/api/static/a/b", json!(["page", { "path": "a/b" }])),
            ("/api/rest/a/b/", json!(["rest", { "path": "a/b/" }])),
            ("/api/rows/a%2Fb", json!(["row", { "id": "a%2Fb" }])),
            ("/api/rows/a%20b/c", json!(["row", { "id": "a b", "part": "c" }])),
            ("/api/nowhere/../rows/7", json!(["row", { "id": "7" }])),
            ("/api/rows/x/%2e%2e/7", json!(["row", { "id": "7" }])),
        ] {
            let answer = get(&host, path).await;
            assert_eq!((answer.status.as_u16(), answer.json()), (200, expected), "{path} {stream}");
        }
        for path in ["/api/files/7.xml", "/api/days/tomorrow", "//api/rows/7", "/api/rows//7", "/api/rows/7/x/.."] {
            let expected = if path.ends_with("..") { 200 } else { 404 };
            assert_eq!(get(&host, path).await.status, expected, "{path}");
        }
        let nul = raw(&host, &[b"GET /api/rows/%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"]).await;
        assert!(nul.starts_with("HTTP/1.1 400"), "{nul}");
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_that_node_refuses_are_answered_at_once() {
    for stream in [false, true] {
        let app = app_of(&functions(stream, &[("odd", "odd GET,TRACE"), ("plain", "plain")]), &[]);
        let (host, _) = start(options_of(&app)).await;
        let refused = send(&host, Method::TRACE, "/api/odd", "").await;
        assert_eq!(refused.status, 500, "{stream}");
        assert!(refused.text().contains("TRACE"), "{}", refused.text());
        assert_eq!(send(&host, Method::TRACE, "/api/plain", "").await.status, 404, "{stream}");
        assert_eq!(get(&host, "/api/odd").await.json(), json!(["odd", {}]), "{stream}");
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn does_not_serve_what_the_platform_does_not_serve() {
    let routes = [
        ("a", "rows GET,POST"),
        ("b", "Rows POST,PUT"),
        ("c", "administrators"),
        ("d", "runtime/x"),
        ("e", "x/{id:unknown}"),
        ("f", "rows DELETE"),
    ];
    let app = app_of(&functions(false, &routes), &[]);
    let (host, _) = start(options_of(&app)).await;
    let served = get(&host, "/admin/functions").await.json();
    let names: Vec<&Value> = served.as_array().unwrap().iter().map(|function| &function["name"]).collect();
    assert_eq!(names, ["a", "f"]);
    assert_eq!(get(&host, "/api/administrators").await.status, 404);
    let put = send(&host, Method::PUT, "/api/rows", "").await;
    assert_eq!((put.status.as_u16(), &put.headers["allow"]), (404, &"GET, POST, DELETE".parse().unwrap()));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_function_receives_reserved_paths() {
    let host_json = r#"{ "version": "2.0", "extensions": { "http": { "routePrefix": "" } } }"#;
    let app = app_of(&functions(false, &[("all", "{*rest}")]), &[("host.json", host_json)]);
    let (host, _) = start(options_of(&app)).await;
    assert_eq!(get(&host, "/other").await.json(), json!(["all", { "rest": "other" }]));
    assert_eq!(get(&host, "/Admin/Host/Status").await.json()["state"], "Running");
    for path in ["/admin", "/admin/x", "/ADMIN/x", "/other/../admin/x", "/%61dmin/x", "/runtime/webhooks/x"] {
        let answer = get(&host, path).await;
        assert_eq!((answer.status.as_u16(), answer.text().contains("all")), (404, false), "{path}");
    }
    host.stop().await;
}
