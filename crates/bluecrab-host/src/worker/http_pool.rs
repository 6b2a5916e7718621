//! Connections to the worker's own HTTP listener, handed out first come, first served.
//!
//! Node.js accepts one connection in each turn of its event loop, but in each turn it serves all connections that it has
//! accepted. While functions keep the event loop busy, a request on a new connection would be overtaken by the requests
//! on the others for seconds. So a new connection carries no request before Node.js has answered on it, and requests wait
//! here, in their order, for the next connection that is free.

use super::http_connection::Connection;
use crate::body::BoxError;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How many connections may wait at once to be accepted. The worker accepts them one by one, however many there are.
const MAX_OPENING: usize = 16;
/// Node.js closes a connection that was idle for 5 s, and loses a request that arrives at that moment.
const IDLE_TIME: Duration = Duration::from_secs(3);

/// The connections to one worker; clones share them.
#[derive(Clone)]
pub struct HttpPool {
    address: Arc<str>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The free connections, each with the time since when it is free; the oldest comes first.
    idle: VecDeque<(Connection, Instant)>,
    /// The requests that wait for a connection; the first one gets the next.
    waiting: VecDeque<oneshot::Sender<Result<Connection, BoxError>>>,
    /// How many connections are being opened.
    opening: usize,
    /// Whether a task closes connections that stay free for too long.
    is_swept: bool,
}

impl HttpPool {
    /// A pool without connections to a listener at `HOST:PORT`.
    pub fn new(address: &str) -> Self {
        Self { address: address.into(), state: Arc::default() }
    }

    /// Waits for a connection; whoever began to wait earlier gets one earlier.
    ///
    /// # Errors
    /// If a connection was needed and could not be opened.
    pub async fn acquire(&self) -> Result<Connection, BoxError> {
        let turn = {
            let mut state = self.lock();
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

    /// Takes back a connection on which the response has been read to its end.
    pub fn release(&self, mut connection: Connection) {
        let mut state = self.lock();
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

    /// Opens a connection besides those of the pool.
    ///
    /// # Errors
    /// If the worker does not accept it.
    pub async fn open(&self) -> Result<Connection, BoxError> {
        Connection::open(&self.address).await
    }

    fn open_for_waiting(&self) {
        let mut state = self.lock();
        while state.opening < state.waiting.len().min(MAX_OPENING) {
            state.opening += 1;
            let pool = self.clone();
            tokio::spawn(async move {
                let opened = pool.open().await;
                pool.lock().opening -= 1;
                match opened {
                    Ok(connection) => pool.release(connection),
                    Err(error) => pool.fail_first(error),
                }
                pool.open_for_waiting();
            });
        }
    }

    /// Tells the first request that waits that there is no connection for it.
    fn fail_first(&self, error: BoxError) {
        let mut outcome = Err(error);
        while let Some(first) = self.lock().waiting.pop_front() {
            match first.send(outcome) {
                Ok(()) => return,
                Err(unread) => outcome = unread,
            }
        }
    }

    async fn close_idle(self) {
        loop {
            tokio::time::sleep(IDLE_TIME).await;
            let mut state = self.lock();
            while state.idle.front().is_some_and(|(_, since)| since.elapsed() >= IDLE_TIME) {
                state.idle.pop_front();
            }
            if state.idle.is_empty() {
                state.is_swept = false;
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
