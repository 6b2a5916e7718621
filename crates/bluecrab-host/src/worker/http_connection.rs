//! One connection to the worker's own HTTP listener.

use crate::body::{Body, BoxError};
use http::header::{EXPECT, HOST};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use std::io::{IoSlice, Result as IoResult};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// The most header fields of a response. The runtime library lets a module's response have 1,000.
pub const MAX_RESPONSE_FIELDS: usize = 1024;

/// The largest header of a request in bytes. Node.js takes 16 KiB unless it is told otherwise.
pub const MAX_HEADER_BYTES: usize = 64 << 10;

/// What Node.js has to take: the host adds some fields to the header.
pub const NODE_HEADER_BYTES: usize = MAX_HEADER_BYTES + (16 << 10);

/// A connection that Node.js has accepted. If it is dropped while a response is on its way, it is closed.
pub struct Connection {
    requests: SendRequest<Body>,
    flushes: watch::Receiver<u64>,
}

impl Connection {
    /// Connects, and waits until Node.js has accepted the connection.
    pub async fn open(address: &str) -> Result<Self, BoxError> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (counter, flushes) = watch::channel(0);
        let stream = TokioIo::new(CountFlushes { stream, has_written: false, flushes: counter });
        let (mut requests, connection) = Builder::new().max_headers(MAX_RESPONSE_FIELDS).handshake(stream).await?;
        tokio::spawn(async move { drop(connection.await) });
        // Node.js itself answers an expectation that it does not know with 417; the library never sees this request.
        let probe = Request::head("/").header(HOST, address).header(EXPECT, "accepted");
        requests.send_request(probe.body(Body::default())?).await?;
        requests.ready().await?;
        Ok(Self { requests, flushes })
    }

    /// Whether a request can be sent now.
    pub fn is_ready(&self) -> bool {
        self.requests.is_ready()
    }

    /// Sends a request, and waits for the head of its response.
    pub async fn send(&mut self, request: Request<Body>) -> hyper::Result<Response<Incoming>> {
        self.requests.send_request(request).await
    }

    /// Waits until the response has been read to its end; false if the connection cannot be used again.
    pub async fn finish(&mut self) -> bool {
        self.requests.ready().await.is_ok()
    }

    /// Comes back when what is sent next has been handed to the system, its head at least, or when the connection has ended.
    pub fn next_flush(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut flushes = self.flushes.clone();
        flushes.mark_unchanged();
        async move { drop(flushes.changed().await) }
    }
}

/// A stream that counts how often everything written has been flushed.
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
