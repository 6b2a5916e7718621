//! The connections of clients and of the worker: their number, their lifetime, and what is lost when one ends.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod common;

use bluecrab_host::{Host, HostOptions, Limits};
use common::{PATIENCE, get, identity, options, raw, send, start};
use hyper::Method;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("{what}"));
}

async fn answers_again(host: &Host, what: &str) {
    let request = b"GET /api/pid HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    eventually(what, async || raw(host, &[request]).await.starts_with("HTTP/1.1 200")).await;
}

async fn under_way(host: &Host) -> u64 {
    get(host, "/admin/host/status").await.json()["invocationsUnderWay"].as_u64().unwrap()
}

/// Each invocation receives its request even if the client disconnects at once. Otherwise the worker would wait
/// forever.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_disconnects_at_once_leaves_no_running_invocation() {
    const BROKEN: &[u8] = b"POST /api/begins HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n1234";
    for app in ["stream", "rpc"] {
        let (host, _) = start(options(app)).await;
        let begun = async || get(&host, "/api/begun").await.text().parse::<u32>().unwrap();
        for client in 0.. {
            // On a busy machine, a hundred clients may come and go before a request is invoked.
            assert!(client < 30_000, "{app}: no request comes so far as to be invoked");
            if client >= 300 && begun().await > 0 {
                break;
            }
            let mut stream = TcpStream::connect(host.address()).await.unwrap();
            let request = if client % 2 == 0 { b"GET /api/begins HTTP/1.1\r\nHost: a\r\n\r\n" } else { BROKEN };
            stream.write_all(request).await.unwrap();
            for _ in 0..client % 7 {
                tokio::task::yield_now().await;
            }
        }
        eventually("an invocation waits forever", async || under_way(&host).await == 0).await;
        host.stop().await;
    }
}

/// While a function keeps the event loop busy, no request waits for hundreds of requests that were sent later.
#[tokio::test(flavor = "multi_thread")]
async fn requests_are_served_in_order() {
    const CLIENTS: usize = 48;
    const ROUNDS: usize = 8;
    for app in ["stream", "rpc"] {
        let (host, _) = start(options(app)).await;
        let sent = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (sent, address) = (Arc::clone(&sent), host.address());
                tokio::spawn(async move {
                    let mut stream = TcpStream::connect(address).await.unwrap();
                    let mut turns = Vec::new();
                    for _ in 0..ROUNDS {
                        stream.write_all(b"GET /api/blocks?ms=5 HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
                        // Count afterwards: a task that waits for a processor here has at least sent its request.
                        let turn = sent.fetch_add(1, Ordering::Relaxed);
                        turns.push((turn, served(&mut stream).await));
                    }
                    turns
                })
            })
            .collect();
        let mut turns = Vec::new();
        for client in clients {
            turns.extend(client.await.unwrap());
        }
        let overtaken = |&(sent, served): &(usize, usize)| {
            turns.iter().filter(|(other_sent, other_served)| *other_sent > sent && *other_served < served).count()
        };
        let most = turns.iter().map(overtaken).max().unwrap();
        assert!(most < 2 * CLIENTS, "{app}: {most} requests overtook an earlier one");
        host.stop().await;
    }
}

/// Reads a response of the function `blocks` and returns the number of its call.
async fn served(stream: &mut TcpStream) -> usize {
    let mut answer = Vec::new();
    loop {
        assert!(stream.read_buf(&mut answer).await.unwrap() > 0, "the connection is closed");
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        assert!(head.starts_with("HTTP/1.1 200"), "{text}");
        if let Some(chunk) = body.strip_suffix("\r\n0\r\n\r\n") {
            return chunk.split_once("\r\n").unwrap().1.parse().unwrap();
        }
        let length =
            head.to_ascii_lowercase().split("content-length: ").nth(1).map(|rest| rest.lines().next().unwrap().parse());
        if length.is_some_and(|length| length == Ok(body.len())) {
            return body.parse().unwrap();
        }
    }
}

/// A request that the worker did not read before it closed the connection is sent again on another connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_on_a_connection_that_the_worker_closed_is_sent_again() {
    let (host, process_id) = start(options("closes")).await;
    for round in 0..3 {
        // Opens two connections to the worker, which stay open.
        let (one, two) = tokio::join!(get(&host, "/api/slow?ms=200"), get(&host, "/api/slow?ms=200"));
        assert_eq!((one.status.as_u16(), two.status.as_u16()), (200, 200));
        let (blocked, small, empty) = tokio::join!(
            get(&host, "/api/blocks?ms=1500"),
            async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                send(&host, Method::POST, "/api/echo", "once more").await
            },
            async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                get(&host, "/api/pid").await
            }
        );
        assert_eq!(blocked.status, 200, "{round}: {}", blocked.text());
        assert_eq!((small.status.as_u16(), small.text().as_str()), (200, "once more"), "{round}");
        assert_eq!((empty.status.as_u16(), empty.text()), (200, process_id.to_string()), "{round}");
    }
    eventually("an invocation waits forever", async || under_way(&host).await == 0).await;
    host.stop().await;
}

/// If functions block the event loop, new connections may be closed like the one before.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_sent_again_as_long_as_new_connections_are_closed() {
    let (host, process_id) = start(options("loses")).await;
    for path in ["/api/pid", "/api/pid?again"] {
        let answer = get(&host, path).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, process_id.to_string()));
    }
    eventually("an invocation waits forever", async || under_way(&host).await == 0).await;
    host.stop().await;
}

/// If a body cannot be sent again, the response does not claim that the worker has ended.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_body_is_not_sent_again() {
    let (host, process_id) = start(options("closes")).await;
    let long = vec![b'1'; 1 << 20];
    let slow = || get(&host, "/api/slow?ms=200");
    tokio::join!(slow(), slow());
    let (_, answer) = tokio::join!(get(&host, "/api/blocks?ms=1500"), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        send(&host, Method::POST, "/api/echo", long.clone()).await
    });
    // The body may also arrive, if the kernel accepted all of it before.
    if answer.status != 200 {
        assert_eq!(answer.status, 502, "{}", answer.text());
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert!(answer.text().contains("closed the connection before it answered"), "{}", answer.text());
    }
    eventually("an invocation waits forever", async || under_way(&host).await == 0).await;
    assert_eq!(get(&host, "/api/pid").await.text(), process_id.to_string());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accepts_a_thousand_response_fields_and_refuses_more() {
    for app in ["stream", "rpc"] {
        let (host, _) = start(options(app)).await;
        let request = b"GET /api/fields?count=1000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let answer = raw(&host, &[request]).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{app}: {answer}");
        assert!(answer.contains("x-field-0: 0\r\n") && answer.contains("x-field-999: 999\r\n"), "{app}: {answer}");
        host.stop().await;
    }
    let (host, process_id) = start(options("stream")).await;
    let answer = get(&host, "/api/fields?count=1500").await;
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert!(answer.text().contains("a head that cannot be read"), "{}", answer.text());
    assert_eq!(get(&host, "/api/pid").await.text(), process_id.to_string());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refuses_connections_beyond_the_limit_and_keeps_serving() {
    const LIMIT: usize = 50;
    let limits = Limits { connections: LIMIT, ..Limits::default() };
    let (host, _) = start(HostOptions { limits, ..options("stream") }).await;
    let request = b"GET /api/pid HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..LIMIT {
        let mut stream = TcpStream::connect(host.address()).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        held.push(stream);
    }
    for _ in 0..5 {
        let refused = raw(&host, &[request]).await;
        assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("too many connections"), "{refused}");
        assert!(refused.to_ascii_lowercase().contains("retry-after"), "{refused}");
    }
    // Connections within the limit are still served.
    held[0].write_all(request).await.unwrap();
    let mut more = [0; 100];
    assert!(held[0].read(&mut more).await.unwrap() > 0);
    drop(held.split_off(LIMIT / 2));
    answers_again(&host, "no connection is accepted").await;
    host.stop().await;
}

/// A client that says nothing has no request that the host could finish, not even with HTTPS.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_does_not_delay_the_stop() {
    for identity in [None, Some(identity())] {
        let limits = Limits { header_time: 10 * PATIENCE, drain_time: 10 * PATIENCE, ..Limits::default() };
        let (host, _) = start(HostOptions { limits, identity, ..options("rpc") }).await;
        let mut silent = TcpStream::connect(host.address()).await.unwrap();
        // The host accepts this connection after the silent one, and closes it, because this is neither HTTP nor TLS.
        assert!(!raw(&host, &[b"HELLO\r\n\r\n"]).await.contains("200"));
        tokio::time::timeout(PATIENCE, host.stop()).await.expect("the host stops");
        assert_eq!(silent.read(&mut [0]).await.unwrap_or(0), 0);
    }
}

/// `localhost` may resolve to either address.
#[tokio::test(flavor = "multi_thread")]
async fn listens_on_both_addresses_of_localhost() {
    let (host, _) = start(options("rpc")).await;
    let address = (std::net::Ipv6Addr::LOCALHOST, host.address().port());
    match TcpStream::connect(address).await {
        Ok(mut stream) => {
            stream.write_all(b"GET /api/pid HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n").await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
        Err(refused) => assert!(TcpListener::bind((address.0, 0)).await.is_err(), "this machine has IPv6: {refused}"),
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_stays_open_longer_than_a_header_may_take() {
    // A busy machine may take seconds for what happens at once.
    let (header_time, idle_time) = (Duration::from_secs(4), Duration::from_secs(12));
    let limits = Limits { header_time, idle_time, ..Limits::default() };
    let (host, _) = start(HostOptions { limits, ..options("rpc") }).await;
    let mut stream = TcpStream::connect(host.address()).await.unwrap();
    for pause in [header_time + Duration::from_secs(1), Duration::ZERO] {
        stream.write_all(b"GET /admin/host/ping HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        let mut rest = vec![0; 1000];
        assert!(stream.read(&mut rest).await.unwrap() > 0);
        tokio::time::sleep(pause).await;
    }
    // A header that has begun must continue.
    let begun = Instant::now();
    stream.write_all(b"GET /admin").await.unwrap();
    assert_eq!(closed_after(stream).await, "");
    assert!(begun.elapsed() >= header_time, "{:?}", begun.elapsed());
    // An idle connection does not stay open forever.
    let idle = async {
        let mut stream = TcpStream::connect(host.address()).await.unwrap();
        stream.write_all(b"GET /admin/host/ping HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        closed_after(stream).await
    };
    assert!(idle.await.starts_with("HTTP/1.1 200"));
    assert!(begun.elapsed() >= idle_time, "{:?}", begun.elapsed());
    host.stop().await;
}

/// Returns the text that arrives until the host closes the connection.
async fn closed_after(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    drop(tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection is closed"));
    String::from_utf8_lossy(&answer).into_owned()
}

/// Thousands of silent connections do not use up the file descriptors, and afterwards the host accepts connections at
/// once.
#[tokio::test(flavor = "multi_thread")]
async fn survives_thousands_of_silent_connections() {
    let (host, _) = start(options("stream")).await;
    let mut silent = Vec::new();
    for _ in 0..4000 {
        // Client and host share the file descriptors of this process; stop when there are no more.
        let Ok(stream) = TcpStream::connect(host.address()).await else { break };
        silent.push(stream);
    }
    assert!(silent.len() > 1024, "{} connections", silent.len());
    drop(silent);
    answers_again(&host, "the host does not recover").await;
    host.stop().await;
}
