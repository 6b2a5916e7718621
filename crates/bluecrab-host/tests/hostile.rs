//! Clients and workers that mean harm, or come to it.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod common;

use bluecrab_host::{Host, HostOptions, Limits};
use common::{PATIENCE, get, options, raw, send, start};
use hyper::Method;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const NEXT: &[u8] = b"GET /api/pid HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// The statuses of all answers on a connection.
fn statuses(answer: &str) -> Vec<&str> {
    answer.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect()
}

fn post(fields: &str, body: &str) -> String {
    format!("POST /api/echo HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n{body}")
}

fn chunked(body: &str) -> String {
    post("Transfer-Encoding: chunked", body)
}

/// What is refused takes the connection along: nothing behind it is taken for a request.
async fn refuses(host: &Host, what: &str, request: &str) {
    let answer = raw(host, &[request.as_bytes(), NEXT]).await;
    assert_eq!(statuses(&answer), ["400"], "{what}: {answer}");
    assert_eq!(get(host, "/api/pid").await.status, 200, "after {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_requests_that_can_be_read_in_two_ways() {
    let (host, _) = start(options("stream")).await;
    let end = "0\r\n\r\n";
    for (what, request) in [
        ("both framings", post("Content-Length: 5\r\nTransfer-Encoding: chunked", end)),
        ("both framings, the other way round", post("Transfer-Encoding: chunked\r\nContent-Length: 5", end)),
        ("two lengths", post("Content-Length: 5\r\nContent-Length: 6", "abcde")),
        ("a list of lengths", post("Content-Length: 5, 5", "abcde")),
        ("a length with a sign", post("Content-Length: +5", "abcde")),
        ("a negative length", post("Content-Length: -5", "abcde")),
        ("a hexadecimal length", post("Content-Length: 0x5", "abcde")),
        ("a length beyond 64 bits", post("Content-Length: 99999999999999999999", "abcde")),
        ("a space before the colon", post("Content-Length : 5", "abcde")),
        ("a folded line", post("X-A: a\r\n Content-Length: 5", "abcde")),
        ("a folded line with a tab", post("X-A: a\r\n\tContent-Length: 5", "abcde")),
        ("a bare LF", "POST /api/echo HTTP/1.1\nHost: a\nContent-Length: 5\n\nabcde".to_owned()),
        ("a bare LF in one line", post("X-A: a\nContent-Length: 5", "abcde")),
        ("a bare CR", post("X-A: a\rContent-Length: 5", "abcde")),
        ("another encoding", post("Transfer-Encoding: xchunked", end)),
        ("an encoding behind chunked", post("Transfer-Encoding: chunked, identity", end)),
        ("an encoding before chunked", post("Transfer-Encoding: gzip, chunked", end)),
        ("chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", end)),
        ("a vertical tab before chunked", post("Transfer-Encoding: \u{b}chunked", end)),
        ("chunked in HTTP/1.0", chunked(end).replace("HTTP/1.1", "HTTP/1.0")),
        ("a chunk of 0x5", chunked(&format!("0x5\r\nabcde\r\n{end}"))),
        ("a chunk of +5", chunked(&format!("+5\r\nabcde\r\n{end}"))),
        ("a chunk of -5", chunked(&format!("-5\r\nabcde\r\n{end}"))),
        ("a chunk's size with a bare LF", chunked(&format!("5\nabcde\r\n{end}"))),
        ("an extension with a bare LF", chunked(&format!("5;a\nabcde\r\n{end}"))),
        ("a chunk's size beyond 64 bits", chunked(&format!("10000000000000005\r\nabcde\r\n{end}"))),
        ("a chunk without its end", chunked(&format!("5\r\nabcdeXX{end}"))),
        ("a chunk without a size", chunked(&format!("\r\nabcde\r\n{end}"))),
        ("extensions without end", chunked(&format!("5;{}\r\nabcde\r\n{end}", "a".repeat(40_000)))),
        ("trailers without end", chunked(&format!("0\r\n{}\r\n", "a: b\r\n".repeat(40_000)))),
    ] {
        refuses(&host, what, &request).await;
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_what_is_no_request() {
    let (host, _) = start(options("rpc")).await;
    for (what, request) in [
        ("a greeting of TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\r\n\r\n"),
        ("no version", "GET /api/pid\r\n\r\n"),
        ("another version", "GET /api/pid HTTP/3.0\r\nHost: a\r\n\r\n"),
        ("a NUL in a field", "GET /api/pid HTTP/1.1\r\nHost: a\r\nX-A: a\0b\r\n\r\n"),
        ("a field without a name", "GET /api/pid HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"),
        ("a line without a colon", "GET /api/pid HTTP/1.1\r\nHost: a\r\noops\r\n\r\n"),
    ] {
        refuses(&host, what, request).await;
    }
    for fields in ["", "Host: a\r\nHost: b\r\n"] {
        let request = format!("GET /api/pid HTTP/1.1\r\n{fields}\r\n");
        let answer = raw(&host, &[request.as_bytes(), NEXT]).await;
        assert_eq!(statuses(&answer), ["400", "200"], "{fields:?}: {answer}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_requests_behind_each_other() {
    let (host, _) = start(options("stream")).await;
    let one = post("Content-Length: 5", "abcde");
    let answer = raw(&host, &[format!("{one}{one}\r\n{one}").as_bytes(), NEXT]).await;
    assert_eq!(statuses(&answer), ["200"; 4], "{answer}");
    // Behind a chunked body nothing is read: its end is known to the HTTP library alone.
    let answer = raw(&host, &[chunked("5\r\nabcde\r\n0\r\n\r\n").as_bytes(), NEXT]).await;
    assert_eq!(statuses(&answer), ["200"], "{answer}");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ends_connections_whose_header_does_not_come() {
    let limits = Limits { header_time: Duration::from_millis(500), ..Limits::default() };
    let (host, _) = start(HostOptions { limits, ..options("rpc") }).await;
    for beginning in ["", "GET /api/pid HTTP/1.1\r\nHost: a\r\n"] {
        let begun = Instant::now();
        raw(&host, &[beginning.as_bytes()]).await;
        assert!(begun.elapsed() >= Duration::from_millis(450), "{beginning:?}: {:?}", begun.elapsed());
    }
    // One byte now and then is no progress.
    let mut stream = TcpStream::connect(host.address()).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut answer = Vec::new();
    let trickle = async {
        for byte in b"GET /api/pid HTTP/1.1\r\nHost: ".iter().chain(std::iter::repeat(&b'a')) {
            drop(writing.write_all(&[*byte]).await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        _ = reading.read_to_end(&mut answer) => {}
        () = trickle => {}
        () = tokio::time::sleep(PATIENCE) => panic!("the connection is still open"),
    }
    assert_eq!(get(&host, "/api/pid").await.status, 200);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_beside_many_idle_connections() {
    let (host, _) = start(options("rpc")).await;
    let mut idle = Vec::new();
    for _ in 0..400 {
        let mut stream = TcpStream::connect(host.address()).await.unwrap();
        stream.write_all(b"GET /api/pid HTTP/1.1\r\nHost").await.unwrap();
        idle.push(stream);
    }
    for _ in 0..20 {
        assert_eq!(get(&host, "/api/pid").await.status, 200);
    }
    assert_eq!(get(&host, "/admin/host/status").await.json()["state"], "Running");
    drop(idle);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replaces_a_worker_that_hangs() {
    let hang_limit = Duration::from_secs(1);
    let (host, process_id) = start(HostOptions { hang_limit, ..options("stream") }).await;
    // Stopped, it lives on and answers nothing, as one in an endless loop does.
    kill(Pid::from_raw(process_id.cast_signed()), Signal::SIGSTOP).unwrap();
    let lost = get(&host, "/api/pid").await;
    assert_eq!(lost.status, 502, "{}", lost.text());
    assert_eq!(lost.headers["content-type"], "application/problem+json");
    let next = get(&host, "/api/pid").await;
    assert_eq!(next.status, 200, "{}", next.text());
    assert_ne!(next.text(), process_id.to_string());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn listens_on_the_loopback_interface_only() {
    let (host, _) = start(options("stream")).await;
    assert!(host.address().ip().is_loopback(), "{}", host.address());
    assert_eq!(send(&host, Method::POST, "/api/echo", "1").await.status, 200);
    host.stop().await;
}
