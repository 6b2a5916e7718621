//! One start of a worker: its process, its connection, the handshake.

use super::channel::Channel;
use super::function::Function;
use super::process::WorkerCommand;
use super::running::{Running, exited};
use super::streams::Streams;
use super::supervisor::Worker;
use crate::app::App;
use crate::console;
use crate::reason;
use crate::route::RouteTable;
use bluecrab_rpc::{Content, FunctionLoadRequest, FunctionsMetadataRequest, StatusResult, WorkerInitRequest};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The version that the host gives itself before the worker; `@azure/functions` asks for 4.28 or newer.
const HOST_VERSION: &str = "4.1037.0.0";
const START_LIMIT: Duration = Duration::from_secs(60);

/// What workers are started with.
pub struct Launcher {
    command: WorkerCommand,
    streams: Streams,
    port: u16,
}

impl Launcher {
    /// Opens the stream's listener; nothing is started yet.
    ///
    /// # Errors
    /// The system's, where no port can be had.
    pub async fn new(command: WorkerCommand) -> std::io::Result<Self> {
        let streams = Streams::default();
        let port = streams.listen().await?;
        Ok(Self { command, streams, port })
    }

    /// Starts a worker for an app; it is ready when this returns. Dropped before, the process is ended.
    ///
    /// # Errors
    /// Why there is none, for people.
    pub async fn start(&self, app: Arc<App>) -> Result<Running, String> {
        let started = Instant::now();
        let worker_id = uuid::Uuid::new_v4().to_string();
        let connected = self.streams.expect(&worker_id);
        let _expected = Expected { streams: &self.streams, worker_id: &worker_id };
        let child = self.command.start(&app, &worker_id, self.port);
        let mut child = child.map_err(|error| format!("the worker cannot be started: {error}"))?;
        let process_id = child.id().unwrap_or_default();
        let handshake = async {
            let channel = connected.await.map_err(|_| "the worker did not connect".to_owned())?;
            match self.greet(channel.clone(), app, process_id).await {
                // The end of the process, which follows, says more than that of its stream.
                Err(_) if channel.is_closed() => std::future::pending().await,
                outcome => outcome,
            }
        };
        let worker = tokio::select! {
            worker = tokio::time::timeout(START_LIMIT, handshake) => {
                worker.unwrap_or_else(|_| Err(format!("the worker was not ready after {} s", START_LIMIT.as_secs())))
            }
            status = child.wait() => Err(format!("{} while it started", exited(status))),
        };
        Ok(Running { worker: Arc::new(worker?), child, started })
    }

    /// Initialises the worker, learns its functions and loads them.
    async fn greet(&self, channel: Channel, app: Arc<App>, process_id: u32) -> Result<Worker, String> {
        channel.print_from(app.log_levels.clone());
        let root = app.root.to_string_lossy().into_owned();
        let gone = |_| "the worker ended while it started".to_owned();
        let init = Content::WorkerInitRequest(WorkerInitRequest {
            host_version: HOST_VERSION.to_owned(),
            capabilities: [("V2Compatable", "True"), ("HandlesWorkerWarmupMessage", "true")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            worker_directory: self.command.folder().to_string_lossy().into_owned(),
            function_app_directory: root.clone(),
            ..WorkerInitRequest::default()
        });
        let Content::WorkerInitResponse(init) = channel.request(init).await.map_err(gone)? else {
            return Err("the worker answered WorkerInitRequest with something else".to_owned());
        };
        succeeded(init.result.as_ref(), "the worker cannot be initialised", &app)?;
        let ask = Content::FunctionsMetadataRequest(FunctionsMetadataRequest { function_app_directory: root });
        let Content::FunctionMetadataResponse(metadata) = channel.request(ask).await.map_err(gone)? else {
            return Err("the worker answered FunctionsMetadataRequest with something else".to_owned());
        };
        succeeded(metadata.result.as_ref(), "the app cannot be loaded", &app)?;
        let (mut functions, mut routes) = (Vec::new(), RouteTable::default());
        let mut found = metadata.function_metadata_results;
        found.retain(|metadata| app.loads(&metadata.name));
        // The platform's order, which decides between routes that match the same path.
        found.sort_by_key(|metadata| metadata.name.to_uppercase());
        for metadata in found {
            let name = metadata.name.clone();
            match self.load(&channel, metadata).await {
                Ok(mut function) => {
                    function.is_disabled = app.disables(&name);
                    if let Some(http) = &function.http {
                        let numbered = (functions.len(), &function.name);
                        if let Err(error) = routes.add(&app.route_prefix, numbered, &http.route, &http.methods) {
                            console::error(&format!("function {name} is not served: {error}"));
                            continue;
                        }
                    }
                    functions.push(function);
                }
                Err(reason) => console::error(&format!("function {name} cannot be loaded: {reason}")),
            }
        }
        if channel.is_closed() {
            return Err("the worker ended while it started".to_owned());
        }
        let http_address = init.capabilities.get("HttpUri").and_then(|uri| http_address(uri));
        Ok(Worker { app, channel, functions, routes, http_address, process_id })
    }

    async fn load(&self, channel: &Channel, metadata: bluecrab_rpc::RpcFunctionMetadata) -> Result<Function, String> {
        let function = Function::read(metadata)?;
        let load = Content::FunctionLoadRequest(FunctionLoadRequest {
            function_id: function.id.clone(),
            metadata: Some(function.metadata.clone()),
            managed_dependency_enabled: false,
        });
        match channel.request(load).await {
            Ok(Content::FunctionLoadResponse(response)) => {
                response.result.and_then(|result| result.failure()).map_or(Ok(function), Err)
            }
            Ok(_) => Err("the worker answered FunctionLoadRequest with something else".to_owned()),
            Err(gone) => Err(gone.to_string()),
        }
    }
}

/// A connection that is not waited for any more when this is dropped.
struct Expected<'a> {
    streams: &'a Streams,
    worker_id: &'a str,
}

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        self.streams.forget(self.worker_id);
    }
}

fn succeeded(result: Option<&StatusResult>, what: &str, app: &App) -> Result<(), String> {
    result.and_then(|result| reason::of(result, &app.root)).map_or(Ok(()), |reason| Err(format!("{what}: {reason}")))
}

/// `http://localhost:55000/` as `localhost:55000`.
fn http_address(uri: &str) -> Option<String> {
    let uri: hyper::Uri = uri.parse().ok()?;
    uri.authority().map(|authority| authority.as_str().replace("localhost", "127.0.0.1"))
}
