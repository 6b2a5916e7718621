//! A request on its way to the worker's listener: that it arrives is not the client's matter alone.
//!
//! The worker's library waits for the request of each invocation without end. A client that goes away must not take it
//! along before it is there.

use super::{Body, BoxError};
use crate::worker::{Invocation, WorkerGone};
use bluecrab_rpc::InvocationResponse;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::http::request::Parts;
use hyper::{Request, Response};
use hyper_util::client::legacy::connect::{CaptureConnection, HttpConnector, capture_connection};
use hyper_util::client::legacy::{Client, Error, ResponseFuture};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::runtime::Handle;

/// How long a request whose client has gone may look for a connection to the worker.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// How long the head of such a request takes to be written, once it has a connection.
const WRITE_TIME: Duration = Duration::from_millis(50);

/// A forwarded request. Dropped without its response, it is let arrive first; then it breaks off.
pub struct Forwarding {
    response: Option<ResponseFuture>,
    connection: CaptureConnection,
}

impl Forwarding {
    /// Sends a request.
    pub fn start(client: &Client<HttpConnector, Body>, request: Request<Body>) -> Self {
        let mut request = request.map(|body| HeadFirst { body, error: None }.boxed_unsync());
        let connection = capture_connection(&mut request);
        Self { response: Some(client.request(request)), connection }
    }

    /// Lets the head of a request arrive whose body is lost, and breaks it off there.
    pub fn break_off(client: &Client<HttpConnector, Body>, head: Parts) {
        drop(Self::start(client, Request::from_parts(head, Unending.boxed_unsync())));
    }

    /// The head of the response; once only.
    pub async fn response(&mut self) -> Result<Response<Incoming>, Error> {
        let Some(response) = self.response.as_mut() else { return std::future::pending().await };
        let response = response.await;
        self.response = None;
        response
    }
}

impl Drop for Forwarding {
    fn drop(&mut self) {
        let (Some(response), Ok(runtime)) = (self.response.take(), Handle::try_current()) else { return };
        let mut connection = self.connection.clone();
        runtime.spawn(async move {
            let arrives = async {
                drop(tokio::time::timeout(CONNECT_TIME, connection.wait_for_connection_metadata()).await);
                tokio::time::sleep(WRITE_TIME).await;
            };
            tokio::select! {
                answered = response => drop(answered),
                () = arrives => {}
            }
        });
    }
}

/// A body whose error comes only after the connection has had the time to write what is before it, the head at least.
struct HeadFirst {
    body: Body,
    error: Option<BoxError>,
}

impl HttpBody for HeadFirst {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(error) = self.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        match ready!(Pin::new(&mut self.body).poll_frame(context)) {
            Some(Err(error)) => {
                self.error = Some(error);
                context.waker().wake_by_ref();
                Poll::Pending
            }
            frame => Poll::Ready(frame),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.error.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body of which nothing ever comes.
struct Unending;

impl HttpBody for Unending {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Pending
    }
}

/// An invocation that lasts until the worker says so, also when nobody waits for it: its log lines still belong to it.
pub struct Lasting(Option<Invocation>);

impl Lasting {
    /// Of an invocation that has begun.
    pub fn new(invocation: Invocation) -> Self {
        Self(Some(invocation))
    }

    /// The end of the invocation; once only.
    ///
    /// # Errors
    /// Where the worker ends first.
    pub async fn end(&mut self) -> Result<InvocationResponse, WorkerGone> {
        let ended = self.0.as_mut().ok_or(WorkerGone)?.answer().await;
        self.0 = None;
        ended
    }
}

impl Drop for Lasting {
    fn drop(&mut self) {
        let (Some(mut invocation), Ok(runtime)) = (self.0.take(), Handle::try_current()) else { return };
        runtime.spawn(async move { drop(invocation.answer().await) });
    }
}
