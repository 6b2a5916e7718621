//! Connections: accepted, bounded in what they may cost, and drained at the end.

use super::connections::Connections;
use super::heads::CheckedHeads;
use super::problem::problem;
use super::proxy::MAX_RESPONSE_FIELDS;
use super::{Answer, admin, invoke};
use crate::route::normalize;
use crate::worker::WorkerState;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HOST, HeaderValue, TRANSFER_ENCODING};
use hyper::service::service_fn;
use hyper::{StatusCode, Version};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::borrow::Cow;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, watch};

/// What requests may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The most connections at once; one more is answered 503 and closed.
    pub connections: usize,
    /// The longest time from the start of a request to the end of its header.
    pub header_time: Duration,
    /// The longest pause within a request body.
    pub body_pause: Duration,
    /// The largest request body in bytes.
    pub body_bytes: u64,
    /// The largest request header in bytes, at least 8,192; a larger one is answered 431.
    pub header_bytes: usize,
    /// How long a request waits for a worker that starts.
    pub worker_wait: Duration,
    /// How long requests under way may take when the host ends.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            header_time: Duration::from_secs(30),
            body_pause: Duration::from_secs(60),
            body_bytes: 104_857_600,
            header_bytes: 64 << 10,
            worker_wait: Duration::from_secs(30),
            drain_time: Duration::from_secs(10),
        }
    }
}

/// The host's HTTP side; clones share it.
#[derive(Clone)]
pub struct Server {
    pub(super) limits: Arc<Limits>,
    pub(super) worker: watch::Receiver<WorkerState>,
    /// To the worker, over connections that are kept.
    pub(super) client: Client<HttpConnector, super::Body>,
    /// To the worker, over a new connection each time.
    pub(super) fresh_client: Client<HttpConnector, super::Body>,
}

/// Node.js closes a connection that was idle for 5 s, and loses the request that comes just then.
const WORKER_IDLE_TIME: Duration = Duration::from_secs(3);

impl Server {
    /// A server that invokes the functions of a worker.
    pub fn new(limits: Limits, worker: watch::Receiver<WorkerState>) -> Self {
        let client = || {
            let mut connector = HttpConnector::new();
            connector.set_nodelay(true);
            let mut client = Client::builder(TokioExecutor::new());
            client.pool_timer(TokioTimer::new()).pool_idle_timeout(WORKER_IDLE_TIME);
            client.http1_max_headers(MAX_RESPONSE_FIELDS);
            (client, connector)
        };
        let (kept, connector) = client();
        let (mut fresh, fresh_connector) = client();
        fresh.pool_max_idle_per_host(0);
        let (client, fresh_client) = (kept.build(connector), fresh.build(fresh_connector));
        Self { limits: Arc::new(limits), worker, client, fresh_client }
    }

    /// Serves until told to stop, then drains the requests under way.
    pub async fn run(self, listener: TcpListener, mut stopping: watch::Receiver<bool>) {
        let graceful = GracefulShutdown::new();
        let connections = Connections::new(self.limits.connections);
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, client)) => match connections.take() {
                        Some(place) => self.clone().serve(stream, client.ip(), &graceful, place),
                        None => connections.refuse(stream),
                    },
                    // Out of descriptors, say: the next try may succeed, and a busy loop helps no one.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                () = async { drop(stopping.wait_for(|stopping| *stopping).await) } => break,
            }
        }
        drop(listener);
        drop(tokio::time::timeout(self.limits.drain_time, graceful.shutdown()).await);
    }

    fn serve(self, stream: TcpStream, client: IpAddr, graceful: &GracefulShutdown, place: OwnedSemaphorePermit) {
        drop(stream.set_nodelay(true));
        let header_bytes = self.limits.header_bytes;
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_time)
            .max_buf_size(header_bytes)
            .max_headers(128);
        let service = service_fn(move |request| {
            let server = self.clone();
            async move { Ok::<_, Infallible>(server.answer(client, request).await) }
        });
        let stream = TokioIo::new(CheckedHeads::new(stream, header_bytes));
        let connection = graceful.watch(builder.serve_connection(stream, service));
        tokio::spawn(async move {
            drop(connection.await);
            drop(place);
        });
    }

    async fn answer(&self, client: IpAddr, request: hyper::Request<Incoming>) -> Answer {
        let is_chunked = request.headers().contains_key(TRANSFER_ENCODING);
        let mut answer = self.route(client, request).await;
        if is_chunked {
            // Where its body ends is the HTTP library's word alone: what is behind it is not read as a request.
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }

    async fn route(&self, client: IpAddr, request: hyper::Request<Incoming>) -> Answer {
        let hosts = request.headers().get_all(HOST).iter().count();
        if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
            return problem(StatusCode::BAD_REQUEST, "a request has one Host (RFC 9112, section 3.2)");
        }
        let Ok(path) = normalize(request.uri().path()).map(Cow::into_owned) else {
            return problem(StatusCode::BAD_REQUEST, "the path has a NUL (%00)");
        };
        if admin::owns(&path) {
            return admin::answer(self, client, &path, request).await;
        }
        invoke::answer(self, request).await
    }
}
