//! Tests the host from end to end, with HTTP requests, the repository's worker and the apps in `tests/apps`.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod common;

use bluecrab_host::{Host, HostOptions, Limits};
use bytes::Bytes;
use common::{PATIENCE, app_of, get, kill, options, options_of, raw, send, start};
use hyper::Method;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const BOTH: [&str; 2] = ["rpc", "stream"];

/// Waits until this many invocations are running.
async fn under_way(host: &Host, count: u64) {
    let waiting = async {
        while get(host, "/admin/host/status").await.json()["invocationsUnderWay"] != count {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the invocation is under way");
}

/// Each client that loses its call tries again at once and reaches the next worker, no matter which connection ended
/// first.
#[tokio::test(flavor = "multi_thread")]
async fn keeps_answering_after_the_worker_is_killed() {
    const CLIENTS: u64 = 16;
    for app in BOTH {
        let (host, process_id) = start(options(app)).await;
        let host = std::sync::Arc::new(host);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let host = std::sync::Arc::clone(&host);
                tokio::spawn(async move { (get(&host, "/api/slow?ms=100000").await, get(&host, "/api/pid").await) })
            })
            .collect();
        under_way(&host, CLIENTS).await;
        kill(process_id);
        for client in clients {
            let (lost, next) = client.await.unwrap();
            assert_eq!(lost.status, 502, "{app}: {}", lost.text());
            assert_eq!(lost.headers["content-type"], "application/problem+json");
            assert_eq!(next.status, 200, "{app}: {}", next.text());
            assert_ne!(next.text(), process_id.to_string());
        }
        std::sync::Arc::into_inner(host).unwrap().stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn echoes_bodies_of_any_size() {
    for app in BOTH {
        let (host, _) = start(options(app)).await;
        for size in [0, 10, 1 << 20, 20 << 20] {
            let body: Vec<u8> = (0..size).map(|index: u32| (index % 251) as u8).collect();
            let answer = send(&host, Method::POST, "/api/echo", body.clone()).await;
            assert_eq!(answer.status, 200, "{app} {size}: {}", answer.text());
            let length = answer.headers.get("content-length").map(|length| length.to_str().unwrap());
            assert!(app == "stream" || length == Some(size.to_string().as_str()), "{app} {size}: {length:?}");
            assert!(answer.body == body, "{app}: {} bytes came back of {size}", answer.body.len());
        }
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complete_response_has_a_length() {
    let (host, _) = start(options("rpc")).await;
    let answer = send(&host, Method::POST, "/api/echo", "hello").await;
    assert_eq!(answer.headers["content-length"], "5");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_a_chunked_body_and_drops_it_without_streaming() {
    for (app, expected) in [("rpc", ""), ("stream", "abcde")] {
        let (host, _) = start(options(app)).await;
        let head = b"POST /api/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
        let answer = raw(&host, &[head, b"3\r\nabc\r\n", b"2\r\nde\r\n", b"0\r\n\r\n"]).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{app}: {answer}");
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        assert!(if expected.is_empty() { !body.contains("abc") } else { body.contains(expected) }, "{app}: {answer}");
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_when_a_handler_throws_or_returns_nothing() {
    for (app, nothing) in [("rpc", 204), ("stream", 500)] {
        let (host, _) = start(options(app)).await;
        assert_eq!(get(&host, "/api/throws").await.status, 500, "{app}");
        let answer = get(&host, "/api/nothing").await;
        assert_eq!(answer.status, nothing, "{app}: {}", answer.text());
        assert_eq!(answer.text().contains("returned no response"), nothing == 500, "{app}: {}", answer.text());
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn finds_routes() {
    for app in BOTH {
        let (host, _) = start(options(app)).await;
        for (path, expected) in [
            ("/api/items/7", json!({ "id": "7" })),
            ("/api/optional/x%20y", json!({ "name": "x y" })),
            ("/api/files/a/b.txt", json!({ "path": "a/b.txt" })),
        ] {
            let answer = get(&host, path).await;
            assert_eq!((answer.status.as_u16(), answer.json()), (200, expected), "{app} {path}");
        }
        // The platform's worker omits these two parameters if HTTP streaming is enabled.
        if app == "rpc" || std::env::var_os("BLUECRAB_WORKER_DIR").is_none() {
            let answer = get(&host, "/api/reserved/a/b").await;
            assert_eq!(answer.json(), json!({ "Headers": "a", "Query": "b" }), "{app}");
        }
        for path in ["/api/optional", "/api/optional?name=no", "/api/optional/?NAME=no"] {
            let answer = get(&host, path).await;
            assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({})), "{app} {path}");
        }
        for path in ["/api/items/seven", "/api/none", "/echo", "/api"] {
            assert_eq!(get(&host, path).await.status, 404, "{app} {path}");
        }
        let wrong = send(&host, Method::DELETE, "/api/echo", "").await;
        assert_eq!((wrong.status.as_u16(), &wrong.headers["allow"]), (404, &"POST".parse().unwrap()));
        assert_eq!(wrong.json()["detail"], "DELETE is not allowed for /api/echo; allowed methods: POST");
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn adds_a_small_json_body_to_the_trigger_metadata() {
    // With HTTP streaming, the library copies the route parameters from the metadata, so a function can read them.
    let (host, _) = start(options("stream")).await;
    let body = r#"{"name":"x","id":"no"}"#;
    let params = send(&host, Method::POST, "/api/metadata/7?q=1", body).await.json();
    assert_eq!(params, json!({ "id": "7", "q": "1", "name": "x" }));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passes_headers_to_the_function() {
    for app in BOTH {
        let (host, _) = start(options(app)).await;
        let head = b"GET /api/request/a?x=1&x=2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-A: 1\r\nX-A: 2\r\n\
            Cookie: a=1\r\nCookie: b=2\r\nX-Latin1: caf\xe9\r\nX-Utf8: caf\xc3\xa9\r\nX-Euro: \xe2\x82\xac\r\n\
            traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\
            tracestate: b=1\r\ntracestate: c=2\r\n\r\n";
        let answer = raw(&host, &[head]).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{app}: {answer}");
        let body = &answer[answer.find('{').unwrap()..=answer.rfind('}').unwrap()];
        let seen: serde_json::Value = serde_json::from_str(body).unwrap();
        let headers = &seen["headers"];
        assert_eq!((&headers["x-a"], &headers["cookie"]), (&json!("1,2"), &json!("a=1; b=2")), "{app}: {body}");
        assert_eq!(
            (&headers["x-latin1"], &headers["x-utf8"]),
            (&json!("caf\u{e9}"), &json!("caf\u{e9}")),
            "{app}: {body}"
        );
        assert_eq!(headers["x-euro"], "\u{e2}\u{82}\u{ac}", "{app}: {body}");
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(seen["trace"], json!({ "traceParent": parent, "traceState": "b=1,c=2", "attributes": {} }), "{app}");
        host.stop().await;
    }
}

/// Response headers must be printable ASCII, as on the platform. The response says how to write others.
#[tokio::test(flavor = "multi_thread")]
async fn refuses_response_headers_beyond_printable_ascii() {
    for app in BOTH {
        let (host, _) = start(options(app)).await;
        for (hex, status) in [("636166e9", 500), ("6109 62", 500), ("c3a9", 500), ("207e61207e", 200)] {
            let answer = get(&host, &format!("/api/sends?hex={}", hex.replace(' ', ""))).await;
            assert_eq!(answer.status, status, "{app} {hex}: {}", answer.text());
            let text = answer.text();
            assert!(
                status == 200 || text.contains("x-sent") && text.contains("filename*=UTF-8''"),
                "{app} {hex}: {text}"
            );
        }
        under_way(&host, 0).await;
        host.stop().await;
    }
    let (host, _) = start(options("rpc")).await;
    let cookie = get(&host, "/api/cookie").await;
    assert_eq!(cookie.status, 500, "{}", cookie.text());
    assert!(cookie.text().contains("set-cookie"), "{}", cookie.text());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn has_the_admin_routes() {
    let (host, process_id) = start(options("rpc")).await;
    let status = get(&host, "/admin/host/status").await.json();
    assert_eq!((&status["state"], &status["workerProcessId"]), (&json!("Running"), &json!(process_id)));
    let functions = get(&host, "/admin/functions").await.json();
    let echo = functions.as_array().unwrap().iter().find(|function| function["name"] == "echo").unwrap();
    assert_eq!(echo["invoke_url_template"], "/api/echo");
    assert_eq!(send(&host, Method::POST, "/admin/functions/tick", "{}").await.status, 202);
    let waiting = async {
        while get(&host, "/api/ran").await.text() != "1" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the timer function ran");
    assert_eq!(send(&host, Method::POST, "/admin/functions/echo", "{}").await.status, 400);
    assert_eq!(get(&host, "/admin/functions/none").await.status, 404);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_early_that_the_worker_exits_at_each_start() {
    // The host could wait longer than the client does. The response arrives because the host gives up early.
    let limits = Limits { worker_wait: PATIENCE * 10, ..Limits::default() };
    let host = Host::start(HostOptions { limits, ..options("dies") }).await.unwrap();
    let answer = get(&host, "/api/echo").await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.headers.contains_key("retry-after") && answer.text().contains("see the host's log"));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pauses_grow_between_workers_that_ask_for_a_restart() {
    // A worker that ended before it was ready would not be started again, so it ends only after a call.
    let app = app_of(
        "require('fs').appendFileSync('starts', 'x');
        app.http('restarts', { handler: () => { setTimeout(() => process.exit(200), 100); return {}; } });",
        &[],
    );
    let begun = std::time::Instant::now();
    let (host, _) = start(options_of(&app)).await;
    let starts = async {
        while std::fs::read(app.path().join("starts")).map_or(0, |starts| starts.len()) < 4 {
            get(&host, "/api/restarts").await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, starts).await.expect("another worker starts after each");
    // The pauses are 200, 400 and 800 ms on any machine.
    assert!(begun.elapsed() > Duration::from_millis(1400), "{:?}", begun.elapsed());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lets_a_running_request_finish_when_it_stops() {
    for app in BOTH {
        let (host, _) = start(options(app)).await;
        let (address, folder) = (host.address(), tempfile::tempdir().unwrap());
        let file = folder.path().join("go");
        let request = format!("GET /api/waits?for={} HTTP/1.1\r\nHost: a\r\n\r\n", file.display());
        let asking = tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer).await.unwrap();
            answer
        });
        under_way(&host, 1).await;
        let stopping = tokio::spawn(host.stop());
        let refuses = async { while TcpStream::connect(address).await.is_ok() {} };
        tokio::time::timeout(PATIENCE, refuses).await.expect("the host does not listen any more");
        std::fs::write(file, "").unwrap();
        let answer = asking.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("waited"), "{app}: {answer}");
        tokio::time::timeout(PATIENCE, stopping).await.expect("the host stops").unwrap();
    }
}

async fn refusal(options: HostOptions) -> String {
    match Host::start(options).await {
        Ok(_) => panic!("the host starts"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn says_why_it_cannot_start() {
    let folder = tempfile::tempdir().unwrap();
    let text = refusal(HostOptions { port: 0, ..HostOptions::new(folder.path()) }).await;
    assert!(text.contains("is not a function app: it has no host.json"), "{text}");
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let text = refusal(HostOptions { port, ..options("rpc") }).await;
    assert!(text.starts_with(&format!("port {port} is in use")) && text.contains("--port"), "{text}");
    let worker_folder = Some(folder.path().to_path_buf());
    let text = refusal(HostOptions { worker_folder, ..options("rpc") }).await;
    assert!(text.starts_with("the Node.js worker is missing") && text.contains("--worker-dir"), "{text}");
    // Only a checkout could build one.
    assert!(text.contains("leave out both") && !text.contains("xtask"), "{text}");
    let text = refusal(HostOptions { node: Some("no-such-node".to_owned()), ..options("rpc") }).await;
    assert!(text.starts_with("cannot run `no-such-node`") && text.contains("--node"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_bodies() {
    for app in BOTH {
        let limits = Limits { body_bytes: 1000, ..Limits::default() };
        let (host, _) = start(HostOptions { limits, ..options(app) }).await;
        let long = send(&host, Method::POST, "/api/echo", vec![b'1'; 1001]).await;
        assert_eq!(long.status, 413, "{app}: {}", long.text());
        assert_eq!(send(&host, Method::POST, "/api/echo", vec![b'1'; 1000]).await.status, 200, "{app}");
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_the_requests_that_wait_for_a_busy_worker() {
    const LENGTH: usize = 4 << 20;
    let functions = r"
        const { existsSync, writeFileSync } = require('node:fs');
        const file = (name) => require('node:path').join(__dirname, name);
        app.http('upload', { methods: ['POST'], handler: async (request) =>
            ({ body: String((await request.arrayBuffer()).byteLength) }) });
        app.http('blocks', { handler: () => {
            writeFileSync(file('blocked'), '');
            while (!existsSync(file('go'))) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
            return {};
        } });";
    let app = app_of(functions, &[]);
    let limits = Limits { waiting_bytes: LENGTH, ..Limits::default() };
    let (host, _) = start(HostOptions { limits, ..options_of(&app) }).await;
    let host = Arc::new(host);
    let blocking = Arc::clone(&host);
    let blocking = tokio::spawn(async move { get(&blocking, "/api/blocks").await });
    while !app.path().join("blocked").exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let body = Bytes::from(vec![b'1'; LENGTH]);
    let mut uploads = JoinSet::new();
    // The connection to the worker takes a part of them.
    for _ in 0..12 {
        let (host, body) = (Arc::clone(&host), body.clone());
        uploads.spawn(async move { send(&host, Method::POST, "/api/upload", body).await });
    }
    let refused = uploads.join_next().await.unwrap().unwrap();
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.headers.contains_key("retry-after") && refused.text().contains("worker"), "{}", refused.text());
    std::fs::write(app.path().join("go"), "").unwrap();
    assert_eq!(blocking.await.unwrap().status, 200);
    for answer in uploads.join_all().await {
        assert!(answer.status == 503 || answer.text() == LENGTH.to_string(), "{} {}", answer.status, answer.text());
    }
    assert_eq!(send(&host, Method::POST, "/api/upload", body).await.text(), LENGTH.to_string());
    Arc::into_inner(host).unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_the_pauses_in_bodies() {
    for app in BOTH {
        let limits = Limits { body_pause: Duration::from_millis(500), ..Limits::default() };
        let (host, _) = start(HostOptions { limits, ..options(app) }).await;
        let head = b"POST /api/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 10\r\n\r\n";
        let slow = raw(&host, &[head, b"123"]).await;
        assert!(slow.starts_with("HTTP/1.1 408"), "{app}: {slow}");
        assert_eq!(get(&host, "/api/pid").await.status, 200, "{app}");
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_chunked_bodies() {
    let limits = Limits { body_bytes: 4, ..Limits::default() };
    let (host, _) = start(HostOptions { limits, ..options("stream") }).await;
    let head = b"POST /api/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    let answer = raw(&host, &[head, b"3\r\nabc\r\n", b"2\r\nde\r\n", b"0\r\n\r\n"]).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    host.stop().await;
}

/// The limits are those of the platform (dotnet/aspnetcore, `KestrelServerLimits`), to the byte.
#[tokio::test(flavor = "multi_thread")]
async fn limits_heads_as_the_platform_does() {
    let (host, _) = start(options("rpc")).await;
    let (line, fields) = ("GET /admin/host/ping? HTTP/1.1\r\n", "Host: a\r\nConnection: close\r\n");
    let query = |most: usize| "x".repeat(most - line.len());
    let long = |most: usize| format!("X-Long: {}\r\n", "x".repeat(most - fields.len() - "X-Long: \r\n".len()));
    for (expected, query, more) in [
        ("200", query(8192), long(32_768)),
        ("414", query(8193), String::new()),
        ("431", String::new(), long(32_769)),
        ("200", String::new(), "X-A: a\r\n".repeat(98)),
        ("431", String::new(), "X-A: a\r\n".repeat(99)),
    ] {
        let line = line.replace('?', &format!("?{query}"));
        let answer = raw(&host, &[format!("{line}{fields}{more}\r\n").as_bytes()]).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected} ")), "{} bytes: {answer}", line.len() + more.len());
    }
    let good = get(&host, "/admin/host/ping").await;
    assert_eq!(good.status, 200);
    host.stop().await;
}
