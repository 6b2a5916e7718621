//! Limits for requests and connections.

use http::{HeaderName, HeaderValue, Request, StatusCode};
use std::time::Duration;

/// The maximum length of a request line in bytes. It is a fixed limit, like the number of header fields, which the HTTP
/// library limits to 100: the platform's front server has the same limits (dotnet/aspnetcore, `KestrelServerLimits`).
const LINE_BYTES: usize = 8 << 10;

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
    /// How many bytes of requests may wait until the worker reads them. Further calls are answered with 503.
    pub waiting_bytes: usize,
    /// The maximum size of a request's header fields in bytes. Larger ones are answered with 431.
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
            waiting_bytes: 1 << 30,
            header_bytes: 32 << 10,
            worker_wait: Duration::from_secs(30),
            drain_time: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// Checks the size of a request's head.
    ///
    /// # Errors
    /// Returns the status of the response and what is too long.
    pub fn check_head<B>(&self, request: &Request<B>) -> Result<(), (StatusCode, &'static str)> {
        let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
        if request.method().as_str().len() + target + "  HTTP/1.1\r\n".len() > LINE_BYTES {
            return Err((StatusCode::URI_TOO_LONG, "the request line is too long; the platform takes 8 KiB"));
        }
        let length_of = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + ": \r\n".len();
        if request.headers().iter().map(length_of).sum::<usize>() > self.header_bytes {
            let reason = "the request's header fields are too long; the platform takes 32 KiB";
            return Err((StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, reason));
        }
        Ok(())
    }
}
