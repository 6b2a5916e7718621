//! Loads against a server that stalls once.

use super::*;
use crate::scenario::{Answers, Comparer};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that answers its n-th call, counted from 1, after a delay.
async fn server(delay: impl Fn(u32) -> Duration + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = Arc::new((tokio::sync::Mutex::new(0), delay));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let served = Arc::clone(&served);
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while let Ok(1..) = stream.read(&mut buffer).await {
                    // While one call is delayed, all other calls wait for the lock.
                    let mut number = served.0.lock().await;
                    *number += 1;
                    tokio::time::sleep((served.1)(*number)).await;
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
                }
            });
        }
    });
    format!("http://{address}/")
}

const fn at_once(_: u32) -> Duration {
    Duration::ZERO
}

/// A server that waits during one call.
async fn stalling(at: u32) -> String {
    server(move |number| if number == at { Duration::from_millis(300) } else { Duration::ZERO }).await
}

/// A call that must get this answer.
fn verified(url: &str, rule: Answers, answer: &'static [u8]) -> Arc<VerifiedCall> {
    let answer = Bytes::from_static(answer);
    let call = Call::get(url, Duration::from_secs(30)).unwrap();
    Arc::new(VerifiedCall::new(call, rule, answer.clone(), answer))
}

async fn with_a_stall(load: Load) -> LoadResult {
    let url = stalling(STALLED).await;
    let call = verified(&url, Answers::Bytes, b"ok");
    run(&call, load, Duration::from_millis(800), STALLED as usize).await.unwrap()
}

/// The number of the call that stalls.
const STALLED: u32 = 20;

/// Counts the calls that took longer than 50 ms.
fn slow_calls(latencies: &Latencies) -> u64 {
    latencies.pairs().filter(|(value, _)| *value > 50_000_000).map(|(_, count)| count).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_loop_counts_the_wait_of_every_call() {
    let latencies = with_a_stall(Load::Open(100.0)).await.latencies;
    assert_eq!(latencies.calls(), 80);
    // In 300 ms at 100 calls a second some 30 calls wait, the first for 300 ms.
    let slow = slow_calls(&latencies);
    assert!(slow >= 20, "{slow}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_loop_sees_the_stall_once() {
    let LoadResult { latencies, seconds } = with_a_stall(Load::Closed(1)).await;
    assert!(latencies.slowest().unwrap() >= 0.3);
    // No call waits for another one, so no time counts twice. Latencies are rounded up by less than 1 %.
    let sum: u64 = latencies.pairs().map(|(value, count)| value * count).sum();
    assert!(sum as f64 / 1e9 <= 1.01 * seconds, "{sum} ns in {seconds} s");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_counts_the_wait_of_every_call() {
    let url = stalling(10).await;
    let (stop, stopped) = oneshot::channel();
    let call = Call::get(&url, Duration::from_secs(30)).unwrap();
    let calling = tokio::spawn(probe(call, Duration::from_millis(10), stopped));
    tokio::time::sleep(Duration::from_millis(800)).await;
    stop.send(()).unwrap();
    let latencies = calling.await.unwrap().unwrap();
    let slow = slow_calls(&latencies);
    assert!(slow >= 20, "{slow} of {}", latencies.calls());
}

#[tokio::test]
async fn every_caller_calls_however_short_the_round_is() {
    let url = server(at_once).await;
    let measured = run(&verified(&url, Answers::Bytes, b"ok"), Load::Closed(3), Duration::ZERO, 1).await.unwrap();
    assert_eq!(measured.latencies.calls(), 3);
    let measured = run(&verified(&url, Answers::Bytes, b"ok"), Load::Closed(3), Duration::ZERO, 4).await.unwrap();
    assert_eq!(measured.latencies.calls(), 6);
}

#[test]
fn a_median_that_changes_little_has_settled() {
    assert!(is_settled(1.0, 1.04) && is_settled(1.0, 0.96));
    assert!(!is_settled(1.0, 1.06) && !is_settled(1.0, 0.94));
}

#[test]
fn each_batch_doubles_the_warm_up() {
    let batches: Vec<u128> =
        (0..MOST_BATCHES).map(|number| batch(Duration::from_millis(200), number).as_millis()).collect();
    assert_eq!(batches, [200, 200, 400, 800, 1600, 3200]);
}

#[tokio::test]
async fn a_warm_up_ends_when_the_median_settles_or_after_the_last_batch() {
    let mut made = 0;
    for (medians, is_settled, batches) in
        [([1.0, 2.0, 4.0, 8.0, 16.0, 32.0], false, MOST_BATCHES), ([8.0, 4.0, 2.0, 2.0, 1.0, 1.0], true, 4)]
    {
        let settled = settles(async |number| {
            made = number + 1;
            Ok(Some(medians[number as usize]))
        });
        assert_eq!(settled.await.unwrap(), is_settled, "{medians:?}");
        assert_eq!(made, batches, "{medians:?}");
    }
}

#[tokio::test]
async fn an_answer_that_changes_fails() {
    let url = server(at_once).await;
    let call = verified(&url, Answers::Bytes, b"no");
    let error = run(&call, Load::Closed(1), Duration::from_millis(50), 1).await.unwrap_err();
    assert!(format!("{error:#}").contains("byte 0 differs: `ok` instead of `no`"), "{error:#}");
}

#[tokio::test]
async fn a_command_compares_some_of_the_later_answers_afterwards() {
    let url = server(at_once).await;
    let folder = tempfile::tempdir().unwrap();
    let command = ["node", "-e", "require('fs').appendFileSync('runs', '|')"].map(str::to_owned).to_vec();
    let comparer = Comparer { command, folder: folder.path().to_owned(), limit: Duration::from_secs(60) };
    let call = verified(&url, Answers::Command(comparer), b"no");
    let runs = || std::fs::read(folder.path().join("runs")).map_or(0, |runs| runs.len());
    let measured = run(&call, Load::Closed(1), Duration::ZERO, 20).await.unwrap();
    assert!(measured.latencies.calls() == 20 && runs() == 0);
    call.verify_pending().await.unwrap();
    assert_eq!(runs(), 10);
    run(&call, Load::Closed(1), Duration::from_millis(20), 1).await.unwrap();
    call.verify_pending().await.unwrap();
    assert_eq!(runs(), 10);
}
