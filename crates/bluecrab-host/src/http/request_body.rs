//! Reads the body of a request for the function.

use super::client_body::ClientBody;
use super::limits::Limits;
use super::problem::problem;
use crate::body::{Answer, Body, BoxError};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::error::Error;
use tower_http::timeout::{TimeoutBody, TimeoutError};

/// The maximum size of a body that is read before the function is invoked, and that can be sent again.
pub const BUFFERED_BYTES: u64 = 64 << 10;

/// The body of a request, as it is passed to the worker.
pub enum RequestBody {
    /// A body that has been read completely.
    Buffered(Bytes),
    /// A body that is forwarded while it arrives. Its errors are of the type [`BrokenBody`].
    Streamed(Body),
}

impl RequestBody {
    /// Reads a body, or prepares to stream it.
    ///
    /// Without HTTP streaming, a body without Content-Length does not reach the function, as on the platform.
    ///
    /// # Errors
    /// Returns the response to send if the body is too long or breaks off.
    pub async fn read(headers: &HeaderMap, body: ClientBody, limits: &Limits, streams: bool) -> Result<Self, Answer> {
        let is_chunked = headers.contains_key(TRANSFER_ENCODING);
        let length = headers.get(CONTENT_LENGTH).filter(|_| !is_chunked);
        let length: u64 = length.and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or_default();
        if length > limits.body_bytes {
            return Err(too_large(limits));
        }
        if length == 0 && !(is_chunked && streams) {
            return Ok(Self::Buffered(Bytes::new()));
        }
        let most = usize::try_from(limits.body_bytes).unwrap_or(usize::MAX);
        let body = Limited::new(TimeoutBody::new(limits.body_pause, body), most);
        let body = Self::Streamed(body.map_err(|error| BoxError::from(BrokenBody(error))).boxed_unsync());
        if streams && (is_chunked || length > BUFFERED_BYTES) {
            return Ok(body);
        }
        body.into_bytes(limits).await.map(Self::Buffered)
    }

    /// Returns the complete body.
    ///
    /// # Errors
    /// Returns the response to send if the body breaks off.
    pub async fn into_bytes(self, limits: &Limits) -> Result<Bytes, Answer> {
        match self {
            Self::Buffered(bytes) => Ok(bytes),
            Self::Streamed(body) => match body.collect().await {
                Ok(collected) => Ok(collected.to_bytes()),
                Err(error) => Err(broken(limits, &*error)),
            },
        }
    }
}

/// The body of a request broke off.
#[derive(Debug, thiserror::Error)]
#[error("the request's body broke off")]
struct BrokenBody(#[source] BoxError);

/// Returns whether a broken request body caused an error.
pub fn is_broken(error: &(dyn Error + 'static)) -> bool {
    cause::<BrokenBody>(error).is_some()
}

/// Returns the response to a request whose body broke off.
pub fn broken(limits: &Limits, error: &(dyn Error + 'static)) -> Answer {
    if cause::<LengthLimitError>(error).is_some() {
        too_large(limits)
    } else if cause::<TimeoutError>(error).is_some() {
        problem(StatusCode::REQUEST_TIMEOUT, "the request's body stopped arriving")
    } else {
        problem(StatusCode::BAD_REQUEST, "the request's body ended too early")
    }
}

/// Returns the first error of type `T` in the chain of an error and its sources.
pub fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    error.downcast_ref().or_else(|| cause(error.source()?))
}

fn too_large(limits: &Limits) -> Answer {
    let detail =
        format!("the body is longer than the limit of {} bytes (FUNCTIONS_REQUEST_BODY_SIZE_LIMIT)", limits.body_bytes);
    problem(StatusCode::PAYLOAD_TOO_LARGE, &detail)
}
