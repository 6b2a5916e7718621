//! Streamed responses, and responses whose function fails or takes too long.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod common;

use bluecrab_host::{Host, HostOptions};
use common::{PATIENCE, get, options, raw, start};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A copy of the app `stream` or `rpc` with a `functionTimeout`, which is long enough for a short call on a busy machine.
fn app_with_timeout(app: &str) -> (TempDir, HostOptions) {
    let folder = tempfile::tempdir().unwrap();
    let entry = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apps").join(app).join("index.js");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("host.json", r#"{ "version": "2.0", "functionTimeout": "00:00:10" }"#);
    write("package.json", r#"{ "main": "index.js" }"#);
    write("index.js", &format!("require({});", serde_json::to_string(&entry).unwrap()));
    let options = HostOptions { app: folder.path().to_owned(), ..options(app) };
    (folder, options)
}

async fn ask(host: &Host, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
    raw(host, &[request.as_bytes()]).await
}

async fn no_invocation_stays(host: &Host) {
    let ended = async {
        while get(host, "/admin/host/status").await.json()["invocationsUnderWay"] != 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("no invocation stays under way");
}

/// The connection ends without the last chunk, so a client cannot mistake the response for a complete one.
fn assert_broken_off(answer: &str) {
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("begun "), "{answer}");
    assert!(!answer.ends_with("0\r\n\r\n"), "{answer}");
}

/// If the connection stayed open, the client would wait for the rest of the response without end.
#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_is_shorter_than_its_content_length_is_broken_off() {
    let (host, _) = start(options("stream")).await;
    assert_broken_off(&ask(&host, "/api/short").await);
    no_invocation_stays(&host).await;
    assert_eq!(get(&host, "/api/pid").await.status, 200);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_breaks_off_if_its_function_fails() {
    let (host, _) = start(options("stream")).await;
    let mut stream = TcpStream::connect(host.address()).await.unwrap();
    stream.write_all(b"GET /api/breaks HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"begun \r\n") {
        assert!(stream.read_buf(&mut answer).await.unwrap() > 0, "{}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(get(&host, "/api/break").await.status, 200);
    // The connection is closed or reset.
    drop(tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection is closed"));
    assert_broken_off(&String::from_utf8_lossy(&answer));
    no_invocation_stays(&host).await;
    assert_eq!(get(&host, "/api/pid").await.status, 200);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_function_timeout_covers_the_whole_response() {
    let breaks_off = async |path| {
        let (_folder, options) = app_with_timeout("stream");
        let (host, _) = start(options).await;
        assert_broken_off(&ask(&host, path).await);
        host.stop().await;
    };
    // The timeout also applies after the client has disconnected.
    let disconnected = async {
        let (_folder, options) = app_with_timeout("stream");
        let (host, _) = start(options).await;
        let mut stream = TcpStream::connect(host.address()).await.unwrap();
        stream.write_all(b"GET /api/endless HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut begun = [0; 12];
        stream.read_exact(&mut begun).await.unwrap();
        drop(stream);
        no_invocation_stays(&host).await;
        assert_eq!(get(&host, "/api/pid").await.status, 200);
        host.stop().await;
    };
    tokio::join!(breaks_off("/api/endless"), breaks_off("/api/silent"), disconnected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_takes_too_long_is_answered_with_500_and_costs_its_worker() {
    let costs_its_worker = async |app| {
        let (_folder, options) = app_with_timeout(app);
        let (host, process_id) = start(options).await;
        let slow = get(&host, "/api/slow?ms=1000000").await;
        assert_eq!(slow.status, 500, "{app}: {}", slow.text());
        assert_eq!(slow.headers["content-type"], "application/problem+json", "{app}");
        // The next call waits for the next worker.
        let next = get(&host, "/api/pid").await;
        assert_eq!(next.status, 200, "{app}: {}", next.text());
        assert_ne!(next.text(), process_id.to_string(), "{app}");
        no_invocation_stays(&host).await;
        host.stop().await;
    };
    tokio::join!(costs_its_worker("rpc"), costs_its_worker("stream"));
}

/// If a client disconnects during a response, the invocation still ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_disconnects_during_a_response_leaves_no_running_invocation() {
    let (host, _) = start(options("stream")).await;
    for _ in 0..20 {
        let mut stream = TcpStream::connect(host.address()).await.unwrap();
        stream.write_all(b"GET /api/breaks HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut begun = [0; 12];
        stream.read_exact(&mut begun).await.unwrap();
    }
    assert_eq!(get(&host, "/api/break").await.status, 200);
    no_invocation_stays(&host).await;
    assert_eq!(get(&host, "/api/pid").await.status, 200);
    host.stop().await;
}
