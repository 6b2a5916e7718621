//! Bodies that nobody reads to their end: what happens to their clients, and to the next requests on their connections.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod common;

use bluecrab_host::{HostOptions, Limits};
use common::{PATIENCE, get, options, raw, send, start};
use hyper::Method;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The rest of a body that a function has not read stays in Node.js, and no other request may wait for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_read_in_part_holds_up_no_other_request() {
    let (host, _) = start(options("stream")).await;
    for path in ["/api/part", "/api/ignores"] {
        for length in [20_000, 60_000, 70_000, 200_000, 3_000_000] {
            assert_eq!(send(&host, Method::POST, path, vec![b'1'; length]).await.status, 413, "{path} {length}");
            assert_eq!(get(&host, "/api/pid").await.status, 200, "{path} {length}");
        }
    }
    host.stop().await;
}

/// Many clients send the whole body before they read the response. If the host closed the connection meanwhile, the
/// response would be lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_first_gets_an_early_response() {
    const LENGTH: usize = 24 << 20;
    let chunk = [format!("{LENGTH:x}\r\n").as_bytes(), &vec![b'1'; LENGTH], b"\r\n0\r\n\r\n"].concat();
    let whole = vec![b'1'; LENGTH];
    for app in ["stream", "rpc"] {
        let limits = Limits { body_bytes: 16 << 20, ..Limits::default() };
        let (host, _) = start(HostOptions { limits, ..options(app) }).await;
        for (path, expected, framing, body) in [
            ("/api/none", "404", "Transfer-Encoding: chunked", &chunk),
            ("/api/none", "404", &format!("Content-Length: {LENGTH}"), &whole),
            ("/admin/functions/tick", "415", &format!("Content-Length: {LENGTH}"), &whole),
            ("/api/echo", "413", &format!("Content-Length: {LENGTH}"), &whole),
        ] {
            let mut stream = TcpStream::connect(host.address()).await.unwrap();
            let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{framing}\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(body).await.unwrap_or_else(|error| panic!("{app} {path} {framing}: {error}"));
            let mut answer = String::new();
            tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
            assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{app} {path} {framing}: {answer}");
        }
        host.stop().await;
    }
}

/// A client that has its response, and sends no more of a body that nobody reads, does not keep its connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_holds_back_an_unread_body_is_let_go() {
    let limits = Limits { body_pause: Duration::from_secs(3600), ..Limits::default() };
    let (host, _) = start(HostOptions { limits, ..options("stream") }).await;
    for framing in ["Content-Length: 1000000", "Transfer-Encoding: chunked"] {
        for path in ["/api/ignores", "/api/part"] {
            let head = format!("POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{framing}\r\n\r\n");
            let answer = raw(&host, &[head.as_bytes(), b"5\r\n12345\r\n"]).await;
            assert!(answer.starts_with("HTTP/1.1 413"), "{path} {framing}: {answer}");
        }
    }
    host.stop().await;
}
