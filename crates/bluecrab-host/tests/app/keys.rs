//! The keys that callers need if the host asks for them.

use crate::common::{Answer, app_of, get, options_of, send_with, start};
use bluecrab_host::{Host, HostOptions};
use hyper::Method;
use serde_json::Value;
use std::fs;

const FUNCTIONS: &str = r"
    const handler = (request) => ({ body: request.query.get('code') ?? 'called' });
    app.http('open', { authLevel: 'anonymous', handler });
    app.http('closed', { authLevel: 'function', handler });
    app.http('other', { authLevel: 'function', handler });
    app.http('masters', { authLevel: 'admin', handler });
    app.http('off', { authLevel: 'anonymous', handler });
    app.eventGrid('event', { handler: () => {} });
    app.mcpTool('greet', { toolName: 'greet', description: 'Greets', toolProperties: {}, handler: () => 'hello' });
";

async fn with_key(host: &Host, path: &str, key: &str) -> Answer {
    send_with(host, Method::GET, path, &[("x-functions-key", key)], "").await
}

/// Returns the status of a first message of an MCP client.
async fn mcp(host: &Host, key: &str) -> u16 {
    let headers = [
        ("x-functions-key", key),
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
    ];
    let hello = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18",
        "capabilities":{},"clientInfo":{"name":"test","version":"1"}}}"#;
    send_with(host, Method::POST, "/runtime/webhooks/mcp", &headers, hello).await.status.as_u16()
}

/// Returns the status of an event that Event Grid posts.
async fn event(host: &Host, code: &str) -> u16 {
    let headers = [("content-type", "application/json"), ("aeg-event-type", "Notification")];
    let path = format!("/runtime/webhooks/EventGrid?functionName=event&code={code}");
    send_with(host, Method::POST, &path, &headers, r#"[{ "id": "1", "data": {} }]"#).await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_and_paths_of_the_host_need_the_key_of_their_level() {
    let local = r#"{ "Host": { "CORS": "*" }, "Values": { "AzureWebJobs.off.Disabled": true } }"#;
    let app = app_of(FUNCTIONS, &[("local.settings.json", local)]);
    let (host, _) = start(HostOptions { auth: true, ..options_of(&app) }).await;
    // The host makes the keys of functions when it prints them, a moment after the first worker is ready.
    let keys: Value = loop {
        let text = fs::read_to_string(app.path().join(".bluecrab/keys.json")).unwrap();
        if text.contains("\"other\"") {
            break serde_json::from_str(&text).unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let key = |path: &str| keys.pointer(path).unwrap().as_str().unwrap().to_owned();
    let (master, of_host, of_mcp) = (key("/masterKey"), key("/hostKeys/default"), key("/systemKeys/mcp_extension"));
    let (own, other) = (key("/functionKeys/closed/default"), key("/functionKeys/other/default"));
    for (path, given, status) in [
        ("/api/open", "wrong", 200),
        ("/api/closed", "wrong", 401),
        ("/api/closed", "", 401),
        ("/api/closed", &other, 401),
        ("/api/closed", &of_mcp, 401),
        ("/api/closed", &own, 200),
        ("/api/closed", &of_host, 200),
        ("/api/closed", &master, 200),
        ("/api/masters", &of_host, 401),
        ("/api/masters", &master, 200),
        ("/api/off", &of_host, 404),
        ("/api/off", &master, 200),
        ("/api/unknown", "wrong", 404),
        ("/admin/host/ping", "wrong", 200),
        ("/admin/host/status", &of_host, 401),
        ("/admin/host/status", &master, 200),
        ("/admin/functions", &own, 401),
        ("/admin/functions", &master, 200),
    ] {
        let answer = with_key(&host, path, given).await;
        assert_eq!(answer.status, status, "{path} {given}: {}", answer.text());
    }
    let refused = get(&host, "/api/closed").await;
    assert_eq!(refused.status, 401);
    assert!(refused.text().contains("x-functions-key") && !refused.text().contains(&own), "{}", refused.text());
    // The function sees the key, as on the platform.
    assert_eq!(get(&host, &format!("/api/closed?code={own}")).await.text(), own);
    assert_eq!((mcp(&host, &of_host).await, mcp(&host, &of_mcp).await), (401, 200));
    let of_events = key("/systemKeys/eventgrid_extension");
    for (given, status) in [(&of_events, 202), (&master, 202), (&of_mcp, 401), (&of_host, 401)] {
        assert_eq!(event(&host, given).await, status, "{given}");
    }
    assert_eq!(mcp(&host, &of_events).await, 401);
    // A browser sends a preflight request without the key.
    let fields = [("origin", "http://localhost:3000"), ("access-control-request-method", "GET")];
    assert_eq!(send_with(&host, Method::OPTIONS, "/api/closed", &fields, "").await.status, 204);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_option_no_key_is_needed() {
    let app = app_of(FUNCTIONS, &[]);
    let (host, _) = start(options_of(&app)).await;
    assert_eq!(get(&host, "/api/masters").await.text(), "called");
    assert!(!app.path().join(".bluecrab/keys.json").exists());
    host.stop().await;
}
