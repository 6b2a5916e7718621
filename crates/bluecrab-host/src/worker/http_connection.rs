//! A connection to the worker's own HTTP listener.

use crate::body::{Body, BoxError};
use http::header::{EXPECT, HOST};
use http::{HeaderValue, Method, Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use std::io::{IoSlice, Result as IoResult};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

/// The maximum number of header fields in a response. The runtime library allows a module 1,000.
pub const MAX_RESPONSE_FIELDS: usize = 1024;

/// The maximum size of a head for Node.js, which by default accepts 16 KiB. It is larger than what the host accepts from
/// clients, because the host adds header fields.
pub const NODE_HEADER_BYTES: usize = 64 << 10;

/// A connection that Node.js has accepted. Dropping it closes it and aborts the request that it sends.
pub struct Connection {
    requests: SendRequest<Body>,
    flushes: watch::Receiver<u64>,
    _task: AbortOnDropHandle<()>,
}

impl Connection {
    /// Connects and waits until Node.js has accepted the connection.
    pub async fn open(address: &str) -> Result<Self, BoxError> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (counter, flushes) = watch::channel(0);
        let stream = TokioIo::new(CountFlushes { stream, has_written: false, flushes: counter });
        let (requests, task) = Builder::new().max_headers(MAX_RESPONSE_FIELDS).handshake(stream).await?;
        let task = AbortOnDropHandle::new(tokio::spawn(async move { drop(task.await) }));
        let mut connection = Self { requests, flushes, _task: task };
        connection.probe().await?;
        Ok(connection)
    }

    /// Waits until Node.js has read everything that was sent.
    pub async fn probe(&mut self) -> hyper::Result<()> {
        // Node.js itself answers an unknown expectation with 417, so the worker's library does not see this request.
        let mut probe = Request::new(Body::default());
        *probe.method_mut() = Method::HEAD;
        probe.headers_mut().insert(HOST, HeaderValue::from_static("localhost"));
        probe.headers_mut().insert(EXPECT, HeaderValue::from_static("accepted"));
        self.requests.send_request(probe).await?;
        self.requests.ready().await
    }

    /// Returns whether a request can be sent now.
    pub fn is_ready(&self) -> bool {
        self.requests.is_ready()
    }

    /// Sends a request and waits for the head of the response.
    pub async fn send(&mut self, request: Request<Body>) -> hyper::Result<Response<Incoming>> {
        self.requests.send_request(request).await
    }

    /// Waits until the response has been read completely. Returns false if the connection cannot be reused.
    pub async fn finish(&mut self) -> bool {
        self.requests.ready().await.is_ok()
    }

    /// Waits until the next bytes, at least the head of a request, have been passed to the operating system, or until
    /// the connection has ended.
    pub fn next_flush(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut flushes = self.flushes.clone();
        flushes.mark_unchanged();
        async move { drop(flushes.changed().await) }
    }
}

/// A stream that counts how often written bytes have been flushed.
struct CountFlushes {
    stream: TcpStream,
    has_written: bool,
    flushes: watch::Sender<u64>,
}

impl AsyncRead for CountFlushes {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, target: &mut ReadBuf<'_>) -> Poll<IoResult<()>> {
        Pin::new(&mut self.stream).poll_read(context, target)
    }
}

impl AsyncWrite for CountFlushes {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<IoResult<usize>> {
        self.has_written = true;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<IoResult<usize>> {
        self.has_written = true;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<IoResult<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        if std::mem::take(&mut self.has_written) {
            self.flushes.send_modify(|count| *count += 1);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<IoResult<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
