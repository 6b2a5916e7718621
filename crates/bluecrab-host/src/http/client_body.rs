//! Reads the body of a client's request to its end even if no function does.
//!
//! Many clients send the whole body before they read the response. If the host closed the connection early, such a
//! client would lose an early response: 404, 413, or the response of a function that ignores the body. So the host
//! reads the rest of the body for a few seconds, as Kestrel does (dotnet/aspnetcore, `RequestBodyDrainTimeout`).

use bytes::Bytes;
use http::Request;
use http::header::EXPECT;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::timeout;

/// How long the host reads a body that nobody else reads.
const DRAIN_TIME: Duration = Duration::from_secs(5);
/// How long such a body may pause. A client that has read the response often sends no more.
const DRAIN_PAUSE: Duration = Duration::from_secs(1);

/// The body of a client's request.
pub struct ClientBody {
    /// `None` after its end or an error.
    body: Option<Incoming>,
    /// Whether the client waits for `100 Continue` before it sends the body.
    awaits_continue: bool,
}

impl ClientBody {
    /// Wraps the body of a request.
    pub fn of(request: Request<Incoming>) -> Request<Self> {
        let awaits_continue = request.headers().contains_key(EXPECT);
        request.map(|body| Self { body: Some(body), awaits_continue })
    }
}

impl Body for ClientBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.awaits_continue = false;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = Pin::new(body).poll_frame(context);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Incoming::size_hint).unwrap_or_else(|| SizeHint::with_exact(0))
    }
}

impl Drop for ClientBody {
    fn drop(&mut self) {
        let body = self.body.take().filter(|body| !self.awaits_continue && !body.is_end_stream());
        let Some(mut body) = body else { return };
        let rest = async move {
            let mut next =
                async || timeout(DRAIN_PAUSE, poll_fn(|context| Pin::new(&mut body).poll_frame(context))).await;
            while let Ok(Some(Ok(_))) = next().await {}
        };
        tokio::spawn(timeout(DRAIN_TIME, rest));
    }
}
