//! Accepts connections, limits their number and time, and drains them when the host stops.

use super::client_body::ClientBody;
use super::connections::Connections;
use super::heads::CheckedHeads;
use super::invoke::{self, NoFunction};
use super::limits::Limits;
use super::listeners::Listeners;
use super::problem::problem;
use super::{admin, target};
use crate::body::{Answer, Body, BoxError};
use crate::keys::Keys;
use crate::page::Page;
use crate::route::normalize;
use crate::trigger::{Mcp, Triggers};
use crate::worker::WorkerState;
use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue, TRANSFER_ENCODING};
use http::uri::Scheme;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::borrow::Cow;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// How much the HTTP library reads at once: more than the longest head that is accepted. It answers 431 to a longer one.
const READ_BYTES: usize = 64 << 10;

/// The host's HTTP server. Clones share its state.
#[derive(Clone)]
pub struct Server {
    limits: Arc<Limits>,
    worker: watch::Receiver<WorkerState>,
    triggers: Triggers,
    mcp: Mcp,
    keys: Option<Arc<Keys>>,
    tls: Option<TlsAcceptor>,
    page: Option<Page>,
}

/// What a server needs in addition to its functions.
pub struct ServerOptions {
    /// The limits for requests and connections.
    pub limits: Limits,
    /// The keys that callers need.
    pub keys: Option<Arc<Keys>>,
    /// Accepts connections for HTTPS.
    pub tls: Option<TlsAcceptor>,
    /// The page at `/`.
    pub page: Option<Page>,
}

impl Server {
    /// Makes a server that invokes the functions of the current worker.
    pub fn new(options: ServerOptions, worker: watch::Receiver<WorkerState>, triggers: Triggers) -> Self {
        let ServerOptions { limits, keys, tls, page } = options;
        let mcp = Mcp::new(triggers.clone());
        Self { limits: Arc::new(limits), worker, triggers, mcp, keys, tls, page }
    }

    /// Serves requests until the token is cancelled, then lets running requests finish.
    pub async fn run(self, listeners: Listeners, stopping: CancellationToken) {
        let graceful = GracefulShutdown::new();
        let connections = Connections::new(self.limits.connections);
        loop {
            tokio::select! {
                accepted = listeners.accept() => match accepted {
                    Ok((stream, client)) => match connections.take() {
                        Some(place) => self.clone().serve(stream, client.ip(), &graceful, stopping.clone(), place),
                        None => connections.refuse(stream, self.tls.clone()),
                    },
                    // The process may have no free file descriptor. Pause, because an immediate retry would fail too.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                () = stopping.cancelled() => break,
            }
        }
        drop(listeners);
        drop(tokio::time::timeout(self.limits.drain_time, graceful.shutdown()).await);
    }

    fn serve(
        self,
        stream: TcpStream,
        client: IpAddr,
        graceful: &GracefulShutdown,
        stopping: CancellationToken,
        place: OwnedSemaphorePermit,
    ) {
        drop(stream.set_nodelay(true));
        let watcher = graceful.watcher();
        tokio::spawn(async move {
            match self.tls.clone() {
                None => self.serve_http(stream, client, watcher).await,
                Some(tls) => {
                    let accepted = tokio::time::timeout(self.limits.header_time, tls.accept(stream));
                    if let Some(Ok(Ok(stream))) = stopping.run_until_cancelled(accepted).await {
                        self.serve_http(stream, client, watcher).await;
                    }
                }
            }
            drop(place);
        });
    }

    async fn serve_http<S>(self, stream: S, client: IpAddr, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Limits { header_time, idle_time, .. } = *self.limits;
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(idle_time.max(header_time)).max_buf_size(READ_BYTES);
        let stream = CheckedHeads::new(stream, READ_BYTES, header_time);
        let responses = stream.responses();
        let service = service_fn(move |request| {
            let (server, response) = (self.clone(), responses.upgrade());
            async move {
                let answer = server.answer(client, ClientBody::of(request)).await;
                Ok::<_, Infallible>(answer.map(|body| keeping(response, body)))
            }
        });
        drop(watcher.watch(builder.serve_connection(TokioIo::new(stream), service)).await);
    }

    async fn answer(&self, client: IpAddr, request: Request<ClientBody>) -> Answer {
        let is_chunked = request.headers().contains_key(TRANSFER_ENCODING);
        let mut answer = self.route(client, request).await;
        if is_chunked {
            // Only the HTTP library knows where a chunked body ends. Close the connection, so that what follows is not
            // read as a request.
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }

    async fn route(&self, client: IpAddr, mut request: Request<ClientBody>) -> Answer {
        if let Err((status, reason)) = self.limits.check_head(&request) {
            return problem(status, reason);
        }
        if let Err(reason) = target::check(&mut request) {
            return problem(StatusCode::BAD_REQUEST, reason);
        }
        if self.tls.is_some() {
            request.extensions_mut().insert(Scheme::HTTPS);
        }
        let Ok(path) = normalize(request.uri().path()).map(Cow::into_owned) else {
            return problem(StatusCode::BAD_REQUEST, "the path contains a NUL (%00)");
        };
        let keys = self.keys.as_deref();
        if let Some(page) = self.page.as_ref().filter(|_| Page::owns(&path)) {
            return page.answer(client, &path, request).await;
        }
        if admin::owns(&path) {
            return admin::answer(&self.worker, &self.triggers, &self.mcp, keys, client, &path, request).await;
        }
        let wants_page = self.page.is_some() && Page::is_wanted(client, &path, &request);
        let answer = invoke::answer(&self.limits, self.worker.clone(), &self.triggers, keys, request).await;
        let is_free = answer.extensions().get::<NoFunction>().is_some();
        if wants_page && is_free { Page::document() } else { answer }
    }
}

/// Returns a body that keeps a value until its end.
fn keeping<T: Send + 'static>(kept: T, body: Body) -> impl hyper::body::Body<Data = Bytes, Error = BoxError> + Send {
    body.map_err(move |error| {
        let _ = &kept;
        error
    })
}
