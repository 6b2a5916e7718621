//! Limits the number of connections.

use super::problem::problem;
use crate::console;
use http::StatusCode;
use http_body_util::BodyExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;

/// How many connections beyond the limit are answered at the same time. Others are closed without an answer.
const MAX_REFUSALS: usize = 32;
/// How long a client may take to begin TLS and to read the refusal.
const REFUSAL_TIME: Duration = Duration::from_secs(1);
/// File descriptors for other purposes: the workers' streams, files and refused connections.
#[cfg(unix)]
const OTHER_DESCRIPTORS: u64 = 64 + MAX_REFUSALS as u64;

/// Permits for connections.
pub struct Connections {
    limit: usize,
    places: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    /// Whether the message about the limit has been printed since a connection was last accepted.
    is_full: AtomicBool,
}

impl Connections {
    /// Allows `wanted` connections, or fewer if the system allows too few file descriptors.
    pub fn new(wanted: usize) -> Self {
        let limit = wanted.min(possible());
        if limit < wanted {
            console::note(&format!(
                "at most {limit} connections instead of {wanted}: the system allows this process no more file descriptors (ulimit -n)"
            ));
        }
        let semaphore = |places| Arc::new(Semaphore::new(places));
        Self { limit, places: semaphore(limit), refusals: semaphore(MAX_REFUSALS), is_full: AtomicBool::new(false) }
    }

    /// Takes a permit for a connection, or returns `None` if the limit is reached.
    pub fn take(&self) -> Option<OwnedSemaphorePermit> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok();
        let was_full = self.is_full.swap(place.is_none(), Ordering::Relaxed);
        if place.is_none() && !was_full {
            console::error(&format!(
                "the limit of {} connections is reached; further connections are answered with 503. --max-connections N \
                 raises the limit",
                self.limit
            ));
        }
        place
    }

    /// Answers a connection beyond the limit with 503 and closes it. `tls` accepts the connection for HTTPS.
    pub fn refuse(&self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        let Ok(turn) = Arc::clone(&self.refusals).try_acquire_owned() else { return };
        tokio::spawn(async move {
            let refusal = async {
                match tls {
                    None => answer(stream).await,
                    Some(tls) => answer(tls.accept(stream).await?).await,
                }
            };
            drop(tokio::time::timeout(REFUSAL_TIME, refusal).await);
            drop(turn);
        });
    }
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
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
    // Closing a connection with unread bytes would discard the answer.
    let mut bytes = [0; 1024];
    while stream.read(&mut bytes).await? > 0 {}
    Ok(())
}

/// Returns how many connections the file descriptors suffice for. Each needs two: its own, and that of a connection to
/// the worker.
#[cfg(unix)]
fn possible() -> usize {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return usize::MAX };
    // Raise the soft limit: it is low only for programs that use `select`. macOS allows `OPEN_MAX` at most, although it
    // says that there is no limit.
    let raised = if cfg!(target_os = "macos") { hard.min(10_240).max(soft) } else { hard };
    let descriptors = if setrlimit(Resource::RLIMIT_NOFILE, raised, hard).is_ok() { raised } else { soft };
    usize::try_from(descriptors.saturating_sub(OTHER_DESCRIPTORS) / 2).unwrap_or(usize::MAX).max(1)
}

#[cfg(not(unix))]
fn possible() -> usize {
    usize::MAX
}
