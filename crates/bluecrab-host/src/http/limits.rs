//! What requests may cost.

use crate::worker::MAX_HEADER_BYTES;
use std::time::Duration;

/// What requests may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most connections at once; one more is answered 503 and closed.
    pub connections: usize,
    /// The longest time from the start of a request to the end of its header.
    pub header_time: Duration,
    /// The longest time between two requests on a connection.
    pub idle_time: Duration,
    /// The longest pause within a request body.
    pub body_pause: Duration,
    /// The largest request body in bytes.
    pub body_bytes: u64,
    /// The largest request header in bytes, at least 8,192; a larger one is answered 431.
    pub header_bytes: usize,
    /// How long a request waits for a worker that starts.
    pub worker_wait: Duration,
    /// How long requests under way may take when the host ends.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            header_time: Duration::from_secs(30),
            idle_time: Duration::from_secs(130),
            body_pause: Duration::from_secs(60),
            body_bytes: 104_857_600,
            header_bytes: MAX_HEADER_BYTES,
            worker_wait: Duration::from_secs(30),
            drain_time: Duration::from_secs(10),
        }
    }
}
