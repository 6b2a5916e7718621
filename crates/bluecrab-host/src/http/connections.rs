//! How many connections there may be at once, and what becomes of those beyond.

use super::problem::problem;
use crate::console;
use http::StatusCode;
use http_body_util::BodyExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many connections beyond the limit are answered at once; more are closed without an answer.
const MAX_REFUSALS: usize = 32;
/// How long a client may take to read that it is refused.
const REFUSAL_TIME: Duration = Duration::from_secs(1);
/// Descriptors that are needed besides: the worker's streams, files, refusals.
#[cfg(unix)]
const OTHER_DESCRIPTORS: u64 = 64 + MAX_REFUSALS as u64;

/// The places for connections.
pub struct Connections {
    limit: usize,
    places: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    /// Whether it has been said that there is no place.
    is_full: AtomicBool,
}

impl Connections {
    /// So many, or as many as there can be descriptors for.
    pub fn new(wanted: usize) -> Self {
        let limit = wanted.min(possible());
        if limit < wanted {
            console::note(&format!(
                "{limit} connections at most, not {wanted}: the system gives this process no more descriptors (ulimit -n)"
            ));
        }
        let semaphore = |places| Arc::new(Semaphore::new(places));
        Self { limit, places: semaphore(limit), refusals: semaphore(MAX_REFUSALS), is_full: AtomicBool::new(false) }
    }

    /// A place for a connection, as long as there is one.
    pub fn take(&self) -> Option<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok();
        let was_full = self.is_full.swap(place.is_none(), Ordering::Relaxed);
        if place.is_none() && !was_full {
            console::error(&format!(
                "{} connections are open, the most there may be: further ones are answered 503; --max-connections N \
                 allows more",
                self.limit
            ));
        }
        place
    }

    /// Answers a connection for which there is no place, and closes it.
    pub fn refuse(&self, stream: TcpStream) {
        let Ok(turn) = Arc::clone(&self.refusals).try_acquire_owned() else { return };
        tokio::spawn(async move {
            drop(tokio::time::timeout(REFUSAL_TIME, answer(stream)).await);
            drop(turn);
        });
    }
}

async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let problem = problem(StatusCode::SERVICE_UNAVAILABLE, "too many connections are open; try again later");
    let body = problem.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\n\
         retry-after: 1\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    stream.shutdown().await?;
    // A connection that is closed with bytes unread takes the answer along.
    let mut bytes = [0; 1024];
    while stream.read(&mut bytes).await? > 0 {}
    Ok(())
}

/// How many connections there are descriptors for: each may need a second one, to the worker.
#[cfg(unix)]
fn possible() -> usize {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return usize::MAX };
    // The soft limit is for programs that use `select`.
    let descriptors = if setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() { hard } else { soft };
    usize::try_from(descriptors.saturating_sub(OTHER_DESCRIPTORS) / 2).unwrap_or(usize::MAX).max(1)
}

#[cfg(not(unix))]
fn possible() -> usize {
    usize::MAX
}
