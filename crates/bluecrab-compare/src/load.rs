//! The load: calls by so many callers, or so many calls a second.

use crate::answers::agree;
use crate::client::{Answer, Call};
use crate::histogram::Latencies;
use crate::scenario::{Answers, Load};
use anyhow::{Context, Result};
use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// A call with the answer that is expected.
#[derive(Clone)]
pub struct Checked {
    pub call: Call,
    pub rule: Answers,
    /// The function's own first answer.
    pub first: Bytes,
    /// The baseline's.
    pub expected: Bytes,
    later: Arc<Mutex<Later>>,
}

/// Answers that wait for a command to compare them, outside what is measured.
#[derive(Default)]
struct Later {
    waiting: Vec<Bytes>,
    taken: usize,
}

/// How many of the answers that differ from the first one a command compares.
const COMPARED_LATER: usize = 10;

impl Checked {
    /// A call whose first answer is known.
    pub fn new(call: Call, rule: Answers, first: Bytes, expected: Bytes) -> Self {
        Self { call, rule, first, expected, later: Arc::default() }
    }

    /// The same answers expected of another server.
    pub fn elsewhere(&self, call: Call) -> Self {
        Self { call, ..self.clone() }
    }

    /// Calls once.
    pub async fn send(&self) -> Result<Answer> {
        self.send_since(Instant::now()).await
    }

    async fn send_since(&self, start: Instant) -> Result<Answer> {
        let answer = self.call.send_since(start).await?;
        self.check(&answer).await?;
        Ok(answer)
    }

    /// An answer that is not the first one again must agree with the baseline's.
    async fn check(&self, answer: &Answer) -> Result<()> {
        if answer.body == self.first {
            return Ok(());
        }
        if let Answers::Command(_) = self.rule {
            let mut later = self.later.lock().unwrap_or_else(PoisonError::into_inner);
            if later.taken < COMPARED_LATER {
                later.taken += 1;
                later.waiting.push(answer.body.clone());
            }
            return Ok(());
        }
        self.compare(&answer.body).await
    }

    async fn compare(&self, answer: &Bytes) -> Result<()> {
        agree(&self.rule, answer, &self.expected).await.context("a later answer differs from the baseline's")
    }

    /// Compares the answers that wait for it.
    pub async fn settle(&self) -> Result<()> {
        let waiting = std::mem::take(&mut self.later.lock().unwrap_or_else(PoisonError::into_inner).waiting);
        for answer in waiting {
            self.compare(&answer).await?;
        }
        Ok(())
    }
}

/// What the calls took.
#[derive(Debug, Default)]
pub struct Measured {
    pub latencies: Latencies,
    /// From the first call to the last answer, in seconds.
    pub seconds: f64,
}

/// Calls for so long; what has been called is awaited.
pub async fn run(checked: &Arc<Checked>, load: Load, time: Duration) -> Result<Measured> {
    let started = Instant::now();
    let latencies = match load {
        Load::Closed(callers) => closed(checked, callers, started, time).await?,
        Load::Open(rate) => open(checked, rate, started, time).await?,
    };
    Ok(Measured { latencies, seconds: started.elapsed().as_secs_f64() })
}

/// Each caller waits for its answer before it calls again.
async fn closed(checked: &Arc<Checked>, callers: usize, started: Instant, time: Duration) -> Result<Latencies> {
    let mut running = JoinSet::new();
    for _ in 0..callers {
        let checked = Arc::clone(checked);
        running.spawn(async move {
            let mut latencies = Latencies::default();
            loop {
                latencies.record(checked.send().await?.latency);
                if started.elapsed() >= time {
                    break;
                }
            }
            anyhow::Ok(latencies)
        });
    }
    let mut all = Latencies::default();
    while let Some(latencies) = running.join_next().await {
        all.add(&latencies??);
    }
    Ok(all)
}

/// Calls begin at fixed times. A call that begins late, or waits for others, has its wait in its latency: there is no
/// coordinated omission (Gil Tene, "How NOT to Measure Latency").
async fn open(checked: &Arc<Checked>, rate: f64, started: Instant, time: Duration) -> Result<Latencies> {
    let calls = (time.as_secs_f64() * rate).floor().max(1.0) as u64;
    let mut running = JoinSet::new();
    let mut begin = pace(calls, rate, started);
    while let Some(intended) = begin.recv().await {
        let checked = Arc::clone(checked);
        running.spawn(async move { anyhow::Ok(checked.send_since(intended).await?.latency) });
    }
    let mut all = Latencies::default();
    while let Some(latency) = running.join_next().await {
        all.record(latency??);
    }
    Ok(all)
}

/// Gives the moments at which calls begin, each when it has come. A thread sleeps to 0.1 ms, tokio's timer to 1 ms.
fn pace(calls: u64, rate: f64, started: Instant) -> mpsc::UnboundedReceiver<Instant> {
    let (begin, moments) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for call in 0..calls {
            let intended = started + Duration::from_secs_f64(call as f64 / rate);
            std::thread::sleep(intended.saturating_duration_since(Instant::now()));
            if begin.send(intended).is_err() {
                break;
            }
        }
    });
    moments
}

/// Calls a function at fixed times until it is told to stop.
pub async fn neighbour(call: Call, every: Duration, mut stop: oneshot::Receiver<()>) -> Result<Latencies> {
    let mut latencies = Latencies::default();
    let mut running = JoinSet::new();
    let mut begin = pace(u64::MAX, 1.0 / every.as_secs_f64(), Instant::now());
    loop {
        let intended = tokio::select! {
            _ = &mut stop => break,
            intended = begin.recv() => intended,
        };
        let (call, Some(intended)) = (call.clone(), intended) else { break };
        running.spawn(async move { call.send_since(intended).await });
    }
    while let Some(answer) = running.join_next().await {
        latencies.record(answer??.latency);
    }
    Ok(latencies)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparer::Comparer;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// A server that answers every call at once, but stands still once for a while.
    async fn server(still_at: usize, still: Duration) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = Arc::new(tokio::sync::Mutex::new(0));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let served = Arc::clone(&served);
                tokio::spawn(async move {
                    let mut buffer = [0; 4096];
                    while let Ok(1..) = stream.read(&mut buffer).await {
                        let mut served = served.lock().await;
                        *served += 1;
                        if *served == still_at {
                            tokio::time::sleep(still).await;
                        }
                        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
                    }
                });
            }
        });
        format!("http://{address}/")
    }

    async fn measure(load: Load) -> Measured {
        let url = server(20, Duration::from_millis(300)).await;
        let call = Call::new(None, &url, [], None, Duration::from_secs(30)).unwrap();
        let answer = Bytes::from_static(b"ok");
        let checked = Checked::new(call, Answers::Bytes, answer.clone(), answer);
        run(&Arc::new(checked), load, Duration::from_millis(800)).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_open_loop_counts_the_wait_of_every_call() {
        let measured = measure(Load::Open(100.0)).await;
        assert_eq!(measured.latencies.calls(), 80);
        // 300 ms at 100 calls a second: some 30 calls wait, from 300 ms down; more where the machine stalls too.
        let slow: u64 =
            measured.latencies.pairs().filter(|(value, _)| *value > 50_000_000).map(|(_, count)| count).sum();
        assert!(slow >= 20, "{slow}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_closed_loop_sees_the_stall_once() {
        let measured = measure(Load::Closed(1)).await;
        assert!(measured.latencies.calls() > 20);
        assert!(measured.latencies.slowest().unwrap() >= 0.3);
        let slow = measured.latencies.pairs().filter(|(value, _)| *value >= 290_000_000).count();
        assert!((1..=3).contains(&slow), "{slow}");
    }

    #[tokio::test]
    async fn every_caller_of_a_closed_round_calls_however_short_it_is() {
        let url = server(usize::MAX, Duration::ZERO).await;
        let call = Call::new(None, &url, [], None, Duration::from_secs(30)).unwrap();
        let answer = Bytes::from_static(b"ok");
        let checked = Arc::new(Checked::new(call, Answers::Bytes, answer.clone(), answer));
        let measured = run(&checked, Load::Closed(3), Duration::ZERO).await.unwrap();
        assert_eq!(measured.latencies.calls(), 3);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_neighbour_calls_at_its_times_until_it_is_stopped() {
        let url = server(usize::MAX, Duration::ZERO).await;
        let call = Call::new(None, &url, [], None, Duration::from_secs(30)).unwrap();
        let (stop, stopped) = oneshot::channel();
        let calling = tokio::spawn(neighbour(call, Duration::from_millis(10), stopped));
        tokio::time::sleep(Duration::from_millis(505)).await;
        stop.send(()).unwrap();
        let calls = calling.await.unwrap().unwrap().calls();
        // Fewer only where the machine stalls.
        assert!((30..=90).contains(&calls), "{calls}");
    }

    #[tokio::test]
    async fn an_answer_that_changes_fails() {
        let url = server(usize::MAX, Duration::ZERO).await;
        let call = Call::new(None, &url, [], None, Duration::from_secs(30)).unwrap();
        let (first, expected) = (Bytes::from_static(b"no"), Bytes::from_static(b"no"));
        let checked = Checked::new(call, Answers::Bytes, first, expected);
        let error = run(&Arc::new(checked), Load::Closed(1), Duration::from_millis(50)).await.unwrap_err();
        assert!(format!("{error:#}").contains("byte 0 differs: `ok` instead of `no`"), "{error:#}");
    }

    #[tokio::test]
    async fn a_command_compares_some_of_the_later_answers_afterwards() {
        let url = server(usize::MAX, Duration::ZERO).await;
        let call = Call::new(None, &url, [], None, Duration::from_secs(30)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let command = ["node", "-e", "require('fs').appendFileSync('runs', '|')"].map(str::to_owned).to_vec();
        let limit = Duration::from_secs(60);
        let comparer = Comparer { command, folder: folder.path().to_owned(), limit };
        let no = Bytes::from_static(b"no");
        let checked = Arc::new(Checked::new(call, Answers::Command(comparer), no.clone(), no));
        let runs = || std::fs::read(folder.path().join("runs")).map_or(0, |runs| runs.len());
        let measured = run(&checked, Load::Closed(1), Duration::from_millis(100)).await.unwrap();
        assert!(measured.latencies.calls() > 10 && runs() == 0);
        checked.settle().await.unwrap();
        assert_eq!(runs(), 10);
        run(&checked, Load::Closed(1), Duration::from_millis(20)).await.unwrap();
        checked.settle().await.unwrap();
        assert_eq!(runs(), 10);
    }
}
