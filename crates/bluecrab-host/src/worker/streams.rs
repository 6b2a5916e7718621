//! The gRPC server, to which each worker opens its event stream.

use super::channel::Channel;
use super::outgoing::{MAX_MESSAGE_BYTES, Outgoing};
use crate::sync::lock;
use bluecrab_rpc::{Content, StreamingMessage};
use bytes::Buf;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response};
use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::body::Body;
use tonic::codec::{DecodeBuf, Decoder};
use tonic::codegen::Service;
use tonic::server::NamedService;
use tonic::{Status, Streaming};

const WINDOW_BYTES: u32 = 16 << 20;
/// The path of the service's only call.
const EVENT_STREAM: &str = "/AzureFunctionsRpcMessages.FunctionRpc/EventStream";

/// Reads the messages of a worker.
pub(super) struct Incoming;

impl Decoder for Incoming {
    type Item = StreamingMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<StreamingMessage>, Status> {
        let message = StreamingMessage::read(buffer.copy_to_bytes(buffer.remaining()));
        message.map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}

/// The gRPC service that workers connect to.
#[derive(Clone, Default)]
pub struct Streams {
    expected: Arc<Mutex<HashMap<String, oneshot::Sender<Channel>>>>,
}

impl Streams {
    /// Listens on a free port of the loopback interface and returns the port.
    pub async fn listen(&self) -> std::io::Result<u16> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let server = tonic::transport::Server::builder()
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .tcp_nodelay(true)
            .add_service(self.clone());
        let connections = tokio_stream::StreamExt::map(TcpListenerStream::new(listener), |connection| {
            connection.inspect(|connection| drop(connection.set_nodelay(true)))
        });
        tokio::spawn(server.serve_with_incoming(connections));
        Ok(port)
    }

    /// Registers a worker. The receiver gets the channel when the worker has connected.
    pub fn expect(&self, worker_id: &str) -> oneshot::Receiver<Channel> {
        let (sender, receiver) = oneshot::channel();
        lock(&self.expected).insert(worker_id.to_owned(), sender);
        receiver
    }

    /// Unregisters a worker that ended before it connected.
    pub fn forget(&self, worker_id: &str) {
        lock(&self.expected).remove(worker_id);
    }

    /// Opens the stream of a worker that was started.
    async fn open(&self, request: Request<Body>) -> Result<Response<Body>, Status> {
        if request.uri().path() != EVENT_STREAM {
            return Err(Status::unimplemented("the only call is EventStream"));
        }
        let mut incoming = Streaming::new_request(Incoming, request.into_body(), None, Some(MAX_MESSAGE_BYTES));
        let first = incoming.message().await?.and_then(|message| message.content);
        let Some(Content::StartStream(start)) = first else {
            return Err(Status::failed_precondition("the first message must be StartStream"));
        };
        let Some(waiting) = lock(&self.expected).remove(&start.worker_id) else {
            return Err(Status::permission_denied("no worker of this id was started"));
        };
        let (sender, receiver) = mpsc::unbounded_channel();
        let waiting_bytes = Arc::<AtomicUsize>::default();
        let channel = Channel::new(sender, Arc::clone(&waiting_bytes));
        tokio::spawn(channel.clone().read(incoming));
        drop(waiting.send(channel));
        let mut response = Response::new(Body::new(Outgoing::new(receiver, waiting_bytes)));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        Ok(response)
    }
}

impl NamedService for Streams {
    const NAME: &'static str = "AzureFunctionsRpcMessages.FunctionRpc";
}

impl Service<Request<Body>> for Streams {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let streams = self.clone();
        Box::pin(async move { Ok(streams.open(request).await.unwrap_or_else(Status::into_http)) })
    }
}
