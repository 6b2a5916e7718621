//! Accepts connections, limits their number and time, and drains them when the host stops.

use super::client_body::ClientBody;
use super::connections::Connections;
use super::heads::CheckedHeads;
use super::limits::Limits;
use super::listeners::Listeners;
use super::problem::problem;
use super::{admin, invoke, target};
use crate::body::Answer;
use crate::route::normalize;
use crate::trigger::{Mcp, Triggers};
use crate::worker::WorkerState;
use http::header::{CONNECTION, HeaderValue, TRANSFER_ENCODING};
use http::{Request, StatusCode};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::borrow::Cow;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;

/// The host's HTTP server. Clones share its state.
#[derive(Clone)]
pub struct Server {
    limits: Arc<Limits>,
    worker: watch::Receiver<WorkerState>,
    triggers: Triggers,
    mcp: Mcp,
}

impl Server {
    /// Makes a server that invokes the functions of the current worker.
    pub fn new(limits: Limits, worker: watch::Receiver<WorkerState>, triggers: Triggers) -> Self {
        let mcp = Mcp::new(triggers.clone());
        Self { limits: Arc::new(limits), worker, triggers, mcp }
    }

    /// Serves requests until the token is cancelled, then lets running requests finish.
    pub async fn run(self, listeners: Listeners, stopping: CancellationToken) {
        let graceful = GracefulShutdown::new();
        let connections = Connections::new(self.limits.connections);
        loop {
            tokio::select! {
                accepted = listeners.accept() => match accepted {
                    Ok((stream, client)) => match connections.take() {
                        Some(place) => self.clone().serve(stream, client.ip(), &graceful, place),
                        None => connections.refuse(stream),
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

    fn serve(self, stream: TcpStream, client: IpAddr, graceful: &GracefulShutdown, place: OwnedSemaphorePermit) {
        drop(stream.set_nodelay(true));
        let Limits { header_bytes, header_time, idle_time, .. } = *self.limits;
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(idle_time.max(header_time))
            .max_buf_size(header_bytes)
            .max_headers(128);
        let service = service_fn(move |request| {
            let server = self.clone();
            async move { Ok::<_, Infallible>(server.answer(client, ClientBody::of(request)).await) }
        });
        let stream = TokioIo::new(CheckedHeads::new(stream, header_bytes, header_time));
        let connection = graceful.watch(builder.serve_connection(stream, service));
        tokio::spawn(async move {
            drop(connection.await);
            drop(place);
        });
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
        if let Err(reason) = target::check(&mut request) {
            return problem(StatusCode::BAD_REQUEST, reason);
        }
        let Ok(path) = normalize(request.uri().path()).map(Cow::into_owned) else {
            return problem(StatusCode::BAD_REQUEST, "the path contains a NUL (%00)");
        };
        if admin::owns(&path) {
            return admin::answer(&self.worker, &self.triggers, &self.mcp, client, &path, request).await;
        }
        invoke::answer(&self.limits, self.worker.clone(), &self.triggers, request).await
    }
}
