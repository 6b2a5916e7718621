//! A worker without the local host: this program plays the host over FunctionRpc, as little of it as one app needs, and
//! sends the requests to the worker's `HttpUri` itself.

use crate::client::Client;
use anyhow::{Context, Result, bail};
use bluecrab_rpc::function_rpc_server::{FunctionRpc, FunctionRpcServer};
use bluecrab_rpc::{
    Content, FunctionLoadRequest, FunctionsMetadataRequest, InvocationRequest, ParameterBinding, RpcFunctionMetadata,
    StreamingMessage, TypedData, WorkerInitRequest, typed_data,
};
use bytes::Bytes;
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio_stream::wrappers::{TcpListenerStream, UnboundedReceiverStream};
use tonic::{Request, Response, Status, Streaming};

/// `@azure/functions` asks for a host of this version or a newer one.
const HOST_VERSION: &str = "4.1037.0.0";
const LONGEST_MESSAGE: &str = "2147483647";

/// A worker that has loaded an app; it ends with the value.
pub struct Direct {
    /// When the worker's process was started.
    pub started: Instant,
    _child: Child,
    messages: UnboundedSender<Result<StreamingMessage, Status>>,
    functions: Vec<RpcFunctionMetadata>,
    client: Client,
}

impl Direct {
    /// Starts the worker of a folder on an app, and loads the app's functions.
    pub async fn start(worker: &Path, app: &Path) -> Result<Self> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (sender, connected) = oneshot::channel();
        let service = FunctionRpcServer::new(Streams { waiting: Mutex::new(Some(sender)) });
        let server = tonic::transport::Server::builder().tcp_nodelay(true).add_service(service);
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));

        let started = Instant::now();
        let child = start_worker(worker, app, port)?;
        let mut stream = tokio::time::timeout(Duration::from_secs(60), connected).await??;
        let root = app.to_string_lossy().into_owned();
        let init = stream
            .ask(Content::WorkerInitRequest(WorkerInitRequest {
                host_version: HOST_VERSION.to_owned(),
                worker_directory: worker.to_string_lossy().into_owned(),
                function_app_directory: root.clone(),
                ..WorkerInitRequest::default()
            }))
            .await?;
        let Content::WorkerInitResponse(init) = init else { bail!("the worker answers its start with something else") };
        let metadata = FunctionsMetadataRequest { function_app_directory: root };
        let Content::FunctionMetadataResponse(metadata) =
            stream.ask(Content::FunctionsMetadataRequest(metadata)).await?
        else {
            bail!("the worker does not say which functions it has")
        };
        let functions = metadata.function_metadata_results;
        for function in &functions {
            let load = FunctionLoadRequest {
                function_id: function.function_id.clone(),
                metadata: Some(function.clone()),
                managed_dependency_enabled: false,
            };
            stream.ask(Content::FunctionLoadRequest(load)).await?;
        }
        let uri = init.capabilities.get("HttpUri").context("the worker has no HttpUri")?;
        let client = Client::new(uri.trim_end_matches('/'));
        Ok(Self { started, _child: child, messages: stream.drain(), functions, client })
    }

    /// Invokes a function and sends it the request; gives the answer and how long it took.
    pub async fn call(&self, name: &str, body: Option<&Bytes>) -> Result<(Bytes, Duration)> {
        let function = self.functions.iter().find(|function| function.name == name).context("no such function")?;
        let invocation_id = uuid::Uuid::new_v4().to_string();
        let started = Instant::now();
        let http = TypedData { data: Some(typed_data::Data::Http(Box::default())) };
        let invocation = InvocationRequest {
            invocation_id: invocation_id.clone(),
            function_id: function.function_id.clone(),
            input_data: vec![ParameterBinding { name: trigger_name(function)?, data: Some(http) }],
            ..InvocationRequest::default()
        };
        self.messages.send(Ok(StreamingMessage {
            request_id: invocation_id.clone(),
            content: Some(Content::InvocationRequest(invocation)),
        }))?;
        let headers = [
            ("content-type", "application/json"),
            ("x-ms-invocation-id", invocation_id.as_str()),
            ("x-forwarded-host", "localhost"),
            ("x-forwarded-proto", "http"),
        ];
        let (answer, _) = self.client.call_with(name, body, &headers).await?;
        Ok((answer, started.elapsed()))
    }
}

/// The name of the parameter that its trigger fills.
fn trigger_name(function: &RpcFunctionMetadata) -> Result<String> {
    let bindings = function.raw_bindings.iter().filter_map(|text| serde_json::from_str::<Value>(text).ok());
    let trigger =
        bindings.into_iter().find(|binding| binding["type"].as_str().is_some_and(|of| of.ends_with("Trigger")));
    let name = trigger.and_then(|trigger| Some(trigger["name"].as_str()?.to_owned()));
    name.with_context(|| format!("{} has no trigger", function.name))
}

fn start_worker(worker: &Path, app: &Path, port: u16) -> Result<Child> {
    let (port, uri) = (port.to_string(), format!("http://127.0.0.1:{port}/"));
    let mut command = Command::new("node");
    command.arg(worker.join("dist/src/nodejsWorker.js"));
    command.args(["--host", "127.0.0.1", "--port", &port, "--workerId", "direct", "--requestId", "direct"]);
    command.args(["--grpcMaxMessageLength", LONGEST_MESSAGE, "--functions-uri", &uri]);
    command.args(["--functions-worker-id", "direct", "--functions-request-id", "direct"]);
    command.args(["--functions-grpc-max-message-length", LONGEST_MESSAGE]);
    command.current_dir(app).env("FUNCTIONS_WORKER_RUNTIME", "node").env("FUNCTIONS_APPLICATION_DIRECTORY", app);
    command.env("AzureWebJobsScriptRoot", app).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    command.spawn().context("cannot start the worker")
}

/// Both directions of the worker's stream.
struct Stream {
    outgoing: UnboundedSender<Result<StreamingMessage, Status>>,
    incoming: Streaming<StreamingMessage>,
}

impl Stream {
    /// Sends a message and gives the next one that is no log entry.
    async fn ask(&mut self, content: Content) -> Result<Content> {
        self.outgoing.send(Ok(StreamingMessage::new(content)))?;
        loop {
            let message = self.incoming.message().await?.context("the worker closed its stream")?;
            match message.content {
                Some(Content::RpcLog(_)) | None => {}
                Some(content) => return Ok(content),
            }
        }
    }

    /// From now on nobody waits for messages.
    fn drain(mut self) -> UnboundedSender<Result<StreamingMessage, Status>> {
        tokio::spawn(async move { while let Ok(Some(_)) = self.incoming.message().await {} });
        self.outgoing
    }
}

/// Takes the stream of the one worker that is expected.
struct Streams {
    waiting: Mutex<Option<oneshot::Sender<Stream>>>,
}

#[tonic::async_trait]
impl FunctionRpc for Streams {
    type EventStreamStream = UnboundedReceiverStream<Result<StreamingMessage, Status>>;

    async fn event_stream(
        &self,
        request: Request<Streaming<StreamingMessage>>,
    ) -> Result<Response<Self::EventStreamStream>, Status> {
        let mut incoming = request.into_inner();
        // StartStream, by which the worker names itself.
        incoming.message().await?;
        let waiting = self.waiting.lock().ok().and_then(|mut waiting| waiting.take());
        let waiting = waiting.ok_or_else(|| Status::already_exists("the worker is connected"))?;
        let (outgoing, messages) = unbounded_channel();
        drop(waiting.send(Stream { outgoing, incoming }));
        Ok(Response::new(UnboundedReceiverStream::new(messages)))
    }
}
