//! The effects of host.json and local.settings.json on clients and functions.

use crate::common::{app_of, get, options_of, send, send_with, start};
use bluecrab_host::{HostOptions, Limits};
use hyper::Method;
use serde_json::json;
use std::time::Duration;

const FUNCTIONS: &str = r"
    const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
    app.http('setting', { handler: (request) => ({ jsonBody: process.env[request.query.get('name')] ?? null }) });
    app.http('length', { handler: async (request) => ({ body: String((await request.arrayBuffer()).byteLength) }) });
    app.http('slow', { handler: async (request) => { await pause(Number(request.query.get('ms'))); return { body: 'slow' }; } });
    app.http('held', { handler: async () => { while (!require('node:fs').existsSync('go')) await pause(20); return {}; } });
    let current = 0, most = 0;
    // Waits for as many calls as may run, and then for more.
    app.http('counted', { handler: async (request) => {
        most = Math.max(most, ++current);
        while (most < Number(request.query.get('expected'))) await pause(20);
        await pause(200);
        current--;
        return { body: String(most) };
    } });
    app.http('own', { handler: () => ({ headers: { 'X-Frame-Options': 'SAMEORIGIN' } }) });
    app.http('off', { handler: () => ({ body: 'off' }) });
    app.http('left-out', { handler: () => ({ body: 'left out' }) });
";

#[tokio::test(flavor = "multi_thread")]
async fn values_of_any_kind_reach_the_worker() {
    let local = r#"{ /* for this machine */
        "IsEncrypted": false,
        "Values": { "FLAG": true, "COUNT": 5, "TEXT": "x", },
        "ConnectionStrings": { "db": "Server=a" } }"#;
    let app = app_of(FUNCTIONS, &[("local.settings.json", local)]);
    let (host, _) = start(options_of(&app)).await;
    for (name, expected) in [("FLAG", "True"), ("COUNT", "5"), ("TEXT", "x"), ("ConnectionStrings:db", "Server=a")] {
        assert_eq!(get(&host, &format!("/api/setting?name={name}")).await.json(), expected, "{name}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn host_json_sets_the_prefix_the_functions_and_header_fields() {
    let host_json = "\u{feff}// comment\n{ 'version': '2.0',
        functions: ['own', 'Length', 'off'],
        'extensions': { 'http': { 'routePrefix': 'v1', 'customHeaders': {
            'X-Frame-Options': 'DENY', 'X-Content-Type-Options': 'nosniff' } } }, }";
    let local = r#"{ "Values": { "AzureWebJobs.off.Disabled": true } }"#;
    let app = app_of(FUNCTIONS, &[("host.json", host_json), ("local.settings.json", local)]);
    let (host, _) = start(options_of(&app)).await;
    let own = get(&host, "/v1/own").await;
    assert_eq!((own.status.as_u16(), &own.headers["x-frame-options"]), (200, &"SAMEORIGIN".parse().unwrap()));
    assert_eq!(own.headers["x-content-type-options"], "nosniff");
    let missing = get(&host, "/v1/left-out").await;
    assert_eq!((missing.status.as_u16(), &missing.headers["x-frame-options"]), (404, &"DENY".parse().unwrap()));
    let off = get(&host, "/v1/off").await;
    assert_eq!(off.status, 404, "{}", off.text());
    assert!(off.text().contains("disabled"), "{}", off.text());
    let functions = get(&host, "/admin/functions").await.json();
    let listed = functions.as_array().unwrap().iter().map(|function| (&function["name"], &function["isDisabled"]));
    assert_eq!(
        listed.collect::<Vec<_>>(),
        [(&json!("length"), &json!(false)), (&json!("off"), &json!(true)), (&json!("own"), &json!(false))]
    );
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_sets_the_body_limit() {
    let local = r#"{ "Values": { "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "2000" } }"#;
    let app = app_of(FUNCTIONS, &[("local.settings.json", local)]);
    let limits = Limits { body_bytes: 1000, ..Limits::default() };
    let (host, _) = start(HostOptions { limits, ..options_of(&app) }).await;
    assert_eq!(send(&host, Method::POST, "/api/length", vec![b'1'; 2000]).await.text(), "2000");
    let long = send(&host, Method::POST, "/api/length", vec![b'1'; 2001]).await;
    assert_eq!(long.status, 413);
    assert!(long.text().contains("2000 bytes"), "{}", long.text());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_setting_overrides_host_json() {
    let host_json = r#"{ "version": "2.0", "functionTimeout": "00:10:00" }"#;
    let local = r#"{ "Values": { "AzureFunctionsJobHost__functionTimeout": "00:00:01" } }"#;
    let app = app_of(FUNCTIONS, &[("host.json", host_json), ("local.settings.json", local)]);
    let (host, _) = start(options_of(&app)).await;
    let slow = get(&host, "/api/slow?ms=100000").await;
    assert_eq!(slow.status, 500);
    assert!(slow.text().contains("functionTimeout"), "{}", slow.text());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_allowed_origins_may_read_responses() {
    let local = r#"{ "Host": { "CORS": "http://localhost:3000,https://example.com", "CORSCredentials": true } }"#;
    let app = app_of(FUNCTIONS, &[("local.settings.json", local)]);
    let (host, _) = start(options_of(&app)).await;
    let preflight = |origin| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "x-a,content-type"),
        ];
        let host = &host;
        async move { send_with(host, Method::OPTIONS, "/api/own", &headers, "").await }
    };
    let allowed = preflight("http://localhost:3000").await;
    assert_eq!(allowed.status, 204);
    for (name, value) in [
        ("access-control-allow-origin", "http://localhost:3000"),
        ("access-control-allow-methods", "PUT"),
        ("access-control-allow-headers", "x-a,content-type"),
        ("access-control-allow-credentials", "true"),
        ("vary", "Origin"),
    ] {
        assert_eq!(allowed.headers[name], value, "{name}");
    }
    assert!(!preflight("http://evil.example").await.headers.contains_key("access-control-allow-origin"));
    for (origin, is_allowed) in [("https://example.com", true), ("null", false)] {
        let answer = send_with(&host, Method::GET, "/api/own", &[("origin", origin)], "").await;
        assert_eq!(answer.status, 200, "{origin}");
        assert_eq!(answer.headers.contains_key("access-control-allow-origin"), is_allowed, "{origin}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_beyond_the_limit_is_answered_with_429() {
    let host_json = r#"{ "version": "2.0", "extensions": { "http": { "maxOutstandingRequests": 1 } } }"#;
    let app = app_of(FUNCTIONS, &[("host.json", host_json)]);
    let (host, _) = start(options_of(&app)).await;
    let (held, refused) = tokio::join!(get(&host, "/api/held"), async {
        while get(&host, "/admin/host/status").await.json()["invocationsUnderWay"] != 1 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let refused = get(&host, "/api/own").await;
        std::fs::write(app.path().join("go"), "").unwrap();
        refused
    });
    assert_eq!((held.status.as_u16(), refused.status.as_u16()), (200, 429), "{}", refused.text());
    assert!(refused.text().contains("maxOutstandingRequests"), "{}", refused.text());
    assert_eq!(get(&host, "/api/own").await.status, 200);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_beyond_the_concurrent_limit_wait() {
    for limit in [1, 2] {
        let host_json = json!({ "version": "2.0", "extensions": { "http": { "maxConcurrentRequests": limit } } });
        let app = app_of(FUNCTIONS, &[("host.json", &host_json.to_string())]);
        let (host, _) = start(options_of(&app)).await;
        let path = format!("/api/counted?expected={limit}");
        let one = || get(&host, &path);
        tokio::join!(one(), one(), one(), one());
        assert_eq!(one().await.text(), limit.to_string());
        host.stop().await;
    }
}
