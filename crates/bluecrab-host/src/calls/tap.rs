//! The body of a response, whose beginning is kept while it is sent.

use super::payload::{Body as Kept, KEPT_BYTES};
use crate::body::{Body, BoxError};
use bytes::{Bytes, BytesMut};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A body whose beginning is kept.
pub struct Tap {
    body: Body,
    /// Receives the beginning when the whole body has been sent. If the client has gone, it is dropped.
    sent: Option<Box<dyn FnOnce(Kept) + Send>>,
    kept: BytesMut,
    length: u64,
    has_ended: bool,
}

impl Tap {
    pub fn new(body: Body, sent: impl FnOnce(Kept) + Send + 'static) -> Self {
        Self { body, sent: Some(Box::new(sent)), kept: BytesMut::new(), length: 0, has_ended: false }
    }
}

impl HttpBody for Tap {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.length += data.len() as u64;
                    let rest = KEPT_BYTES - self.kept.len();
                    self.kept.extend_from_slice(&data[..data.len().min(rest)]);
                }
            }
            Some(Err(_)) => {}
            None => self.has_ended = true,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The HTTP library drops the body when everything has been sent, or the client has gone.
impl Drop for Tap {
    fn drop(&mut self) {
        let Some(sent) = self.sent.take() else { return };
        if self.has_ended || self.body.is_end_stream() {
            sent(Kept { kept: self.kept.split().freeze(), length: Some(self.length) });
        }
    }
}
