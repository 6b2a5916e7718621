//! Limits for requests and connections.

use crate::worker::MAX_HEADER_BYTES;
use std::time::Duration;

/// Limits for requests and connections.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The maximum number of connections. A further connection is answered with 503 and closed.
    pub connections: usize,
    /// The maximum time from the start of a request to the end of its header. It begins after the previous response.
    pub header_time: Duration,
    /// The maximum time between two requests on a connection.
    pub idle_time: Duration,
    /// The maximum pause within a request body.
    pub body_pause: Duration,
    /// The maximum size of a request body in bytes.
    pub body_bytes: u64,
    /// The maximum size of a request header in bytes, at least 8,192. A larger header is answered with 431.
    pub header_bytes: usize,
    /// How long a request waits for a worker that is starting.
    pub worker_wait: Duration,
    /// How long running requests may take after the host was told to stop.
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
