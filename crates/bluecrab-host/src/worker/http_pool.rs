//! A pool of connections to the worker's own HTTP listener, in which requests are served in the order of their arrival.
//!
//! In each turn of its event loop, Node.js accepts one new connection but serves all connections that it has accepted
//! before. If functions keep the event loop busy, a request on a new connection could wait for seconds while later
//! requests on other connections overtake it. So the pool does not use a new connection before Node.js has answered on
//! it, and requests queue here for the next free connection.

use super::http_connection::Connection;
use crate::body::BoxError;
use crate::sync::lock;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How many connections may wait to be accepted at the same time. The worker accepts only one at a time in any case.
const MAX_OPENING: usize = 16;
/// Node.js closes a connection after 5 s without a request, and loses a request that arrives at that moment.
const IDLE_TIME: Duration = Duration::from_secs(3);

/// The connections to a worker. Clones share the pool.
#[derive(Clone)]
pub struct HttpPool {
    address: Arc<str>,
    /// Node.js reads a shorter body of a request to its end, whatever the function does.
    pub unread_bytes: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The free connections, each with the time when it became free; the oldest is at the front.
    idle: VecDeque<(Connection, Instant)>,
    /// The requests that wait for a connection; the first is at the front.
    waiting: VecDeque<oneshot::Sender<Result<Connection, BoxError>>>,
    /// How many connections are being opened.
    opening: usize,
    /// Whether a task is running that closes connections after a time without use.
    is_swept: bool,
}

impl HttpPool {
    /// Makes an empty pool for the listener at `HOST:PORT` of this version of Node.js.
    pub fn new(address: &str, node_version: &str) -> Self {
        Self { address: address.into(), unread_bytes: unread_bytes(node_version), state: Arc::default() }
    }

    /// Waits for a connection. Callers get connections in the order in which they called.
    ///
    /// # Errors
    /// Returns an error if a new connection was needed and could not be opened.
    pub async fn acquire(&self) -> Result<Connection, BoxError> {
        let turn = {
            let mut state = lock(&self.state);
            while let Some((connection, since)) = state.idle.pop_back() {
                if since.elapsed() < IDLE_TIME && connection.is_ready() {
                    return Ok(connection);
                }
            }
            let (waiting, turn) = oneshot::channel();
            state.waiting.push_back(waiting);
            turn
        };
        self.open_for_waiting();
        turn.await?
    }

    /// Returns a connection to the pool, after its response has been read completely.
    pub fn release(&self, mut connection: Connection) {
        let mut state = lock(&self.state);
        while let Some(first) = state.waiting.pop_front() {
            match first.send(Ok(connection)) {
                Err(Ok(unused)) => connection = unused,
                _ => return,
            }
        }
        state.idle.push_back((connection, Instant::now()));
        if !std::mem::replace(&mut state.is_swept, true) {
            tokio::spawn(self.clone().close_idle());
        }
    }

    /// Opens a connection that does not belong to the pool.
    ///
    /// # Errors
    /// Returns an error if the worker does not accept the connection.
    pub async fn open(&self) -> Result<Connection, BoxError> {
        Connection::open(&self.address).await
    }

    fn open_for_waiting(&self) {
        let mut state = lock(&self.state);
        while state.opening < state.waiting.len().min(MAX_OPENING) {
            state.opening += 1;
            let pool = self.clone();
            tokio::spawn(async move {
                let opened = pool.open().await;
                lock(&pool.state).opening -= 1;
                match opened {
                    Ok(connection) => pool.release(connection),
                    Err(error) => pool.fail_first(error),
                }
                pool.open_for_waiting();
            });
        }
    }

    /// Reports the error to the first request in the queue.
    fn fail_first(&self, error: BoxError) {
        let mut outcome = Err(error);
        while let Some(first) = lock(&self.state).waiting.pop_front() {
            match first.send(outcome) {
                Ok(()) => return,
                Err(unread) => outcome = unread,
            }
        }
    }

    async fn close_idle(self) {
        loop {
            tokio::time::sleep(IDLE_TIME).await;
            let mut state = lock(&self.state);
            while state.idle.front().is_some_and(|(_, since)| since.elapsed() >= IDLE_TIME) {
                state.idle.pop_front();
            }
            if state.idle.is_empty() {
                state.is_swept = false;
                return;
            }
        }
    }
}

/// Returns how much of a body Node.js reads before anybody asks for it (`getDefaultHighWaterMark`).
fn unread_bytes(node_version: &str) -> usize {
    let major = node_version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
    if major >= 22 && cfg!(not(windows)) { 64 << 10 } else { 16 << 10 }
}

#[cfg(test)]
mod tests {
    use super::unread_bytes;

    #[test]
    fn an_unknown_node_is_taken_for_an_old_one() {
        for version in ["20.20.2", "", "x", "-24.0.0"] {
            assert_eq!(unread_bytes(version), 16 << 10, "{version}");
        }
        assert_eq!(unread_bytes("24.21.0"), unread_bytes("22.0.0"));
    }
}
