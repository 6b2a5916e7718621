//! The gRPC server, to which each worker opens its event stream.

use super::channel::Channel;
use bluecrab_rpc::function_rpc_server::{FunctionRpc, FunctionRpcServer};
use bluecrab_rpc::{Content, StreamingMessage};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::{TcpListenerStream, UnboundedReceiverStream};
use tonic::{Request, Response, Status, Streaming};

/// The maximum size of a message in both directions: 2 GiB minus one byte, as on the platform.
pub const MAX_MESSAGE_BYTES: usize = i32::MAX as usize;
const WINDOW_BYTES: u32 = 16 << 20;

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
        let service = FunctionRpcServer::new(self.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES);
        let server = tonic::transport::Server::builder()
            .initial_stream_window_size(WINDOW_BYTES)
            .initial_connection_window_size(WINDOW_BYTES)
            .tcp_nodelay(true)
            .add_service(service);
        let connections = tokio_stream::StreamExt::map(TcpListenerStream::new(listener), |connection| {
            connection.inspect(|connection| drop(connection.set_nodelay(true)))
        });
        tokio::spawn(server.serve_with_incoming(connections));
        Ok(port)
    }

    /// Registers a worker. The receiver gets the channel when the worker has connected.
    pub fn expect(&self, worker_id: &str) -> oneshot::Receiver<Channel> {
        let (sender, receiver) = oneshot::channel();
        self.lock().insert(worker_id.to_owned(), sender);
        receiver
    }

    /// Unregisters a worker that ended before it connected.
    pub fn forget(&self, worker_id: &str) {
        self.lock().remove(worker_id);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<Channel>>> {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[tonic::async_trait]
impl FunctionRpc for Streams {
    type EventStreamStream = UnboundedReceiverStream<Result<StreamingMessage, Status>>;

    async fn event_stream(
        &self,
        request: Request<Streaming<StreamingMessage>>,
    ) -> Result<Response<Self::EventStreamStream>, Status> {
        let mut incoming = request.into_inner();
        let first = incoming.message().await?.and_then(|message| message.content);
        let Some(Content::StartStream(start)) = first else {
            return Err(Status::failed_precondition("the first message must be StartStream"));
        };
        let Some(waiting) = self.lock().remove(&start.worker_id) else {
            return Err(Status::permission_denied("no worker of this id was started"));
        };
        let (sender, receiver) = mpsc::unbounded_channel();
        let channel = Channel::new(sender);
        tokio::spawn(channel.clone().read(incoming));
        drop(waiting.send(channel));
        Ok(Response::new(UnboundedReceiverStream::new(receiver)))
    }
}
