//! Clients and workers that misbehave, on purpose or not.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod common;

use bluecrab_host::{Host, HostOptions, Limits};
use common::{PATIENCE, get, options, raw, send, start};
use hyper::Method;
#[cfg(unix)]
use nix::sys::signal::{Signal, kill};
#[cfg(unix)]
use nix::unistd::Pid;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const BOTH: [&str; 2] = ["rpc", "stream"];
const NEXT: &[u8] = b"GET /api/pid HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// Returns the status codes of all responses on a connection.
fn statuses(answer: &str) -> Vec<&str> {
    answer.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect()
}

fn post(fields: &str, body: &str) -> String {
    format!("POST /api/echo HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n{body}")
}

fn chunked(body: &str) -> String {
    post("Transfer-Encoding: chunked", body)
}

/// A refused request ends its connection, so that nothing after it is read as another request.
async fn refuses(host: &Host, what: &str, request: &str) {
    let answer = raw(host, &[request.as_bytes(), NEXT]).await;
    assert_eq!(statuses(&answer), ["400"], "{what}: {answer}");
    assert_eq!(get(host, "/api/pid").await.status, 200, "after {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_ambiguous_requests() {
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
async fn refuses_text_that_is_not_a_request() {
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

/// A Host, or a target that is an absolute URL, could change the URL that the function receives.
#[tokio::test(flavor = "multi_thread")]
async fn refuses_an_invalid_host() {
    for app in BOTH {
        let (host, _) = start(options(app)).await;
        let ask = async |target: &str, name: &str| {
            let request = format!("GET {target} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n");
            raw(&host, &[request.as_bytes()]).await
        };
        let path = "/api/request/a?user=7";
        for name in [
            "h?admin=1&z=",
            "h#",
            "h/x",
            "a b",
            "a@b",
            "a:b",
            "a\\b",
            "a%2fb",
            "",
            ":80",
            "[::1",
            "1.2.3.256",
            "caf\u{e9}",
            "xn--a",
            "XN--.example:80",
        ] {
            let answer = ask(path, name).await;
            assert_eq!(statuses(&answer), ["400"], "{app} {name:?}: {answer}");
            assert!(answer.contains("problem+json"), "{app} {name:?}: {answer}");
        }
        for target in [
            "http://h:x/api/request/a",
            "http://a@h/api/request/a",
            "ftp://h/api/request/a",
            "http://h%41/api/request/a",
            "http://xn--a/api/request/a",
        ] {
            assert_eq!(statuses(&ask(target, "h").await), ["400"], "{app} {target}");
        }
        // The target's host replaces Host, but Host is still checked.
        let absolute = format!("http://right:81{path}");
        assert_eq!(statuses(&ask(&absolute, "a b").await), ["400"], "{app}");
        for (target, name, url) in [
            (path, "a.example:81", "http://a.example:81/api/request/a?user=7"),
            (path, "[::1]:81", "http://[::1]:81/api/request/a?user=7"),
            (path, "xn--bcher-kva.example", "http://xn--bcher-kva.example/api/request/a?user=7"),
            (&absolute, "wrong", "http://right:81/api/request/a?user=7"),
        ] {
            let answer = ask(target, name).await;
            assert_eq!(statuses(&answer), ["200"], "{app} {target} {name}: {answer}");
            assert!(
                answer.contains(&format!("\"url\":\"{url}\"")) && answer.contains("{\"user\":\"7\"}"),
                "{app}: {answer}"
            );
        }
        host.stop().await;
    }
}

/// The worker's message that an invocation has ended may come after the response.
async fn no_invocation_stays(host: &Host) {
    let status = async || get(host, "/admin/host/status").await.json()["invocationsUnderWay"].clone();
    let ended = async { while status().await != 0 {} };
    tokio::time::timeout(PATIENCE, ended).await.expect("the invocations end");
}

/// If the worker's Node.js refuses a request, the client learns why, and no invocation waits for the request.
#[tokio::test(flavor = "multi_thread")]
async fn requests_that_node_refuses_leave_no_running_invocation() {
    let (host, process_id) = start(options("stream")).await;
    let ask = async |line: &str, field: &str| {
        let request = format!("{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{field}\r\n");
        raw(&host, &[request.as_bytes()]).await
    };
    let odd = ask("ODD /api/request/a", "").await;
    assert_eq!(statuses(&odd), ["400"], "{odd}");
    assert!(odd.contains("the worker's Node.js refused the request"), "{odd}");
    let raw_utf8 = ask("GET /api/request/caf\u{e9}", "").await;
    assert_eq!(statuses(&raw_utf8), ["400"], "{raw_utf8}");
    assert!(raw_utf8.contains("percent-encoded"), "{raw_utf8}");
    for expectation in ["Expect: foo\r\n", "Expect: 100-continue\r\n", "Expect: 100-continue, foo\r\n"] {
        let answer = ask("GET /api/request/a", expectation).await;
        assert!(statuses(&answer).ends_with(&["200"]), "{expectation}: {answer}");
    }
    for bytes in [20 << 10, 31 << 10] {
        let answer = ask("GET /api/pid", &format!("X-Long: {}\r\n", "x".repeat(bytes))).await;
        assert_eq!(statuses(&answer), ["200"], "{bytes} bytes: {answer}");
    }
    no_invocation_stays(&host).await;
    assert_eq!(get(&host, "/admin/host/status").await.json()["workerProcessId"], process_id);
    // A new worker replaces this one at once, because no call is running. Otherwise it would wait for a minute.
    host.renew().unwrap();
    #[cfg(unix)]
    let ended = async {
        while kill(Pid::from_raw(process_id.cast_signed()), None).is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    #[cfg(unix)]
    tokio::time::timeout(Duration::from_secs(50), ended).await.expect("the first worker is retired");
    host.stop().await;
}

/// The worker's Node.js may accept shorter headers than the host.
#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_is_too_long_for_node_is_answered_431() {
    let (host, _) = start(options("small-heads")).await;
    let request =
        format!("GET /api/pid HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Long: {}\r\n\r\n", "x".repeat(20_000));
    let answer = raw(&host, &[request.as_bytes()]).await;
    assert_eq!(statuses(&answer), ["431"], "{answer}");
    assert!(answer.contains("--max-http-header-size"), "{answer}");
    no_invocation_stays(&host).await;
    assert_eq!(get(&host, "/api/pid").await.status, 200);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_several_requests_on_a_connection() {
    let (host, _) = start(options("stream")).await;
    let one = post("Content-Length: 5", "abcde");
    let answer = raw(&host, &[format!("{one}{one}\r\n{one}").as_bytes(), NEXT]).await;
    assert_eq!(statuses(&answer), ["200"; 4], "{answer}");
    // Nothing is read after a chunked body, because only the HTTP library knows where the body ends.
    let answer = raw(&host, &[chunked("5\r\nabcde\r\n0\r\n\r\n").as_bytes(), NEXT]).await;
    assert_eq!(statuses(&answer), ["200"], "{answer}");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closes_connections_whose_header_does_not_arrive() {
    // A header that is sent at once must arrive in time on a busy machine too.
    let limits = Limits { header_time: Duration::from_secs(2), ..Limits::default() };
    let (host, _) = start(HostOptions { limits, ..options("rpc") }).await;
    for beginning in ["", "GET /api/pid HTTP/1.1\r\nHost: a\r\n"] {
        let begun = Instant::now();
        raw(&host, &[beginning.as_bytes()]).await;
        assert!(begun.elapsed() >= Duration::from_secs(2), "{beginning:?}: {:?}", begun.elapsed());
    }
    // A byte from time to time does not extend the limit.
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

/// Some clients send an empty line after a body, and some the next request before they have the response.
#[tokio::test(flavor = "multi_thread")]
async fn what_follows_a_request_does_not_cost_its_response() {
    let limits = Limits { header_time: Duration::from_secs(2), ..Limits::default() };
    let (host, _) = start(HostOptions { limits, ..options("rpc") }).await;
    let request = "GET /api/slow?ms=5000 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
    let answer = async |rest: &str| raw(&host, &[request.as_bytes(), rest.as_bytes()]).await;
    for answer in <[String; 2]>::from(tokio::join!(answer("\r\nGET"), answer("GET /api/pid HTTP/1.1\r\nHost"))) {
        assert_eq!(statuses(&answer), ["200"], "{answer}");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_despite_many_idle_connections() {
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

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn replaces_a_worker_that_hangs() {
    // Long enough for the next worker to answer on a busy machine.
    let worker_timeout = Duration::from_secs(10);
    let (host, process_id) = start(HostOptions { worker_timeout, ..options("stream") }).await;
    // A stopped process is alive but does not answer, like a process in an endless loop.
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
