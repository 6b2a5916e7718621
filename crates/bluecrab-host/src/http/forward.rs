//! Forwards a request to the worker's own HTTP listener.
//!
//! For each invocation, the worker's library waits for the request without a time limit. So the request is sent even if
//! its client has disconnected, and the invocation is withdrawn if Node.js refuses the request.

use super::call::Call;
use super::request_body::{RequestBody, cause, is_broken};
use super::watch::Signals;
use crate::body::{Body, BoxError, whole};
use crate::worker::{Connection, HttpPool};
use bytes::Bytes;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Says which invocation a forwarded request belongs to. The library adds the same field to the response.
pub const INVOCATION_ID: HeaderName = HeaderName::from_static("x-ms-invocation-id");

/// How often a request is sent at most. A new connection, too, is closed before its request is read if a function
/// blocks the worker's event loop for longer than Node.js keeps an idle connection.
const MAX_SENDS: u32 = 8;
/// How long the worker may take after the response to read the rest of the request.
const UNREAD_TIME: Duration = Duration::from_secs(1);

/// A forwarded request.
pub struct Forwarding {
    /// Receives the head of the response, or the error that prevented it.
    pub response: oneshot::Receiver<Result<Response<Incoming>, hyper::Error>>,
    /// Dropped when the client has received the whole response or has disconnected. The rest of the request is then
    /// aborted as soon as its head has been sent.
    pub client: DropGuard,
}

/// Sends a request over a connection.
pub fn forward(
    call: &Call<'_>,
    pool: &HttpPool,
    connection: Connection,
    head: Parts,
    body: RequestBody,
    signals: Signals,
) -> Forwarding {
    let (sender, response) = oneshot::channel();
    let client_gone = CancellationToken::new();
    let request = Forwarded {
        pool: pool.clone(),
        head,
        invocation_id: call.invocation_id.clone(),
        client_gone: client_gone.clone(),
        signals,
    };
    call.worker.calls.spawn(request.send(connection, body, sender));
    Forwarding { response, client: client_gone.drop_guard() }
}

struct Forwarded {
    pool: HttpPool,
    head: Parts,
    invocation_id: String,
    client_gone: CancellationToken,
    signals: Signals,
}

type ResponseSender = oneshot::Sender<Result<Response<Incoming>, hyper::Error>>;

impl Forwarded {
    async fn send(self, mut connection: Connection, body: RequestBody, response: ResponseSender) {
        let may_stay_unread = match &body {
            RequestBody::Buffered(bytes) => bytes.len() >= self.pool.unread_bytes,
            RequestBody::Streamed(_) => true,
        };
        let (kept, mut body) = match body {
            RequestBody::Buffered(bytes) => (Some(bytes.clone()), whole(bytes)),
            RequestBody::Streamed(body) => {
                (None, DelayedErrorBody::new(body, &connection, self.signals.body_broken.clone()).boxed_unsync())
            }
        };
        let mut sends = 1;
        loop {
            let Some(received) = self.send_once(&mut connection, body).await else { return };
            match received {
                Ok(received) => {
                    let is_answer = received.headers().get(INVOCATION_ID).is_some_and(|id| *id == *self.invocation_id);
                    drop(response.send(Ok(received)));
                    if !is_answer {
                        self.withdraw().await;
                    } else if self.finish(&mut connection, may_stay_unread).await {
                        self.pool.release(connection);
                    }
                    return;
                }
                // The worker may or may not have read the request. It is safe to send it again: a second request for an
                // invocation that is running does not start it again.
                Err(error) if is_closed(&error) && !self.signals.ended.is_cancelled() => {
                    if let Some(bytes) = kept.as_ref().filter(|_| sends < MAX_SENDS)
                        && let Ok(fresh) = self.pool.open().await
                    {
                        (connection, body) = (fresh, whole(bytes.clone()));
                        sends += 1;
                        continue;
                    }
                    drop(response.send(Err(error)));
                    return self.withdraw().await;
                }
                Err(error) => {
                    drop(response.send(Err(error)));
                    return;
                }
            }
        }
    }

    /// Waits for the end of the response and of the request. Returns false if the connection cannot be used again.
    ///
    /// A function may answer without reading its request's body to the end. The rest then stays in Node.js, and the
    /// next request on the connection would wait for it.
    async fn finish(&self, connection: &mut Connection, may_stay_unread: bool) -> bool {
        let given_up = async {
            self.client_gone.cancelled().await;
            tokio::time::sleep(UNREAD_TIME).await;
        };
        let finished = async { connection.finish().await && (!may_stay_unread || connection.probe().await.is_ok()) };
        tokio::select! {
            finished = finished => finished,
            () = given_up => false,
        }
    }

    /// Sends the request and waits for the head of the response. Returns `None` if the client has disconnected and the
    /// head of the request has been sent.
    async fn send_once(&self, connection: &mut Connection, body: Body) -> Option<hyper::Result<Response<Incoming>>> {
        let head_sent = connection.next_flush();
        let mut sending = pin!(connection.send(Request::from_parts(self.head.clone(), body)));
        tokio::select! {
            biased;
            response = &mut sending => return Some(response),
            () = self.client_gone.cancelled() => {}
        }
        tokio::select! {
            response = &mut sending => Some(response),
            () = head_sent => None,
        }
    }

    /// Ends an invocation whose request is lost. The library refuses a request without `x-forwarded-host` and does not
    /// call the function.
    async fn withdraw(&self) {
        self.signals.withdrawn.cancel();
        let (Ok(mut connection), Ok(id)) = (self.pool.open().await, HeaderValue::from_str(&self.invocation_id)) else {
            return;
        };
        let mut request = Request::new(Body::default());
        request.headers_mut().insert(HOST, HeaderValue::from_static("localhost"));
        request.headers_mut().insert(INVOCATION_ID, id);
        tokio::select! {
            _ = connection.send(request) => {}
            () = self.signals.ended.cancelled() => {}
        }
    }
}

/// Returns whether the worker closed the connection before it answered, for example because the connection was idle for
/// too long.
fn is_closed(error: &hyper::Error) -> bool {
    !is_broken(error)
        && (error.is_incomplete_message()
            || error.is_canceled()
            || error.is_closed()
            || cause::<std::io::Error>(error).is_some())
}

/// A body that reports its error only after the head of the request has been sent.
struct DelayedErrorBody {
    body: Body,
    error: Option<BoxError>,
    head_sent: Pin<Box<dyn Future<Output = ()> + Send>>,
    broken: CancellationToken,
}

impl DelayedErrorBody {
    fn new(body: Body, connection: &Connection, broken: CancellationToken) -> Self {
        Self { body, error: None, head_sent: Box::pin(connection.next_flush()), broken }
    }
}

impl HttpBody for DelayedErrorBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.error.is_none() {
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Err(error)) => {
                    self.error = Some(error);
                    self.broken.cancel();
                }
                frame => return Poll::Ready(frame),
            }
        }
        ready!(self.head_sent.as_mut().poll(context));
        Poll::Ready(self.error.take().map(Err))
    }

    fn is_end_stream(&self) -> bool {
        self.error.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
