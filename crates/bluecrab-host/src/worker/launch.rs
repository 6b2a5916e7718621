//! Starts a worker: its process, its gRPC connection and the handshake.

use super::channel::Channel;
use super::debugger::Debugger;
use super::function::Function;
use super::http_pool::HttpPool;
use super::process::WorkerCommand;
use super::running::{Running, exited};
use super::state::Worker;
use super::streams::Streams;
use crate::app::App;
use crate::calls::Calls;
use crate::console;
use crate::route::RouteTable;
use crate::worker_error;
use bluecrab_rpc::{
    Content, FunctionLoadRequest, FunctionsMetadataRequest, RpcFunctionMetadata, StatusResult, WorkerInitRequest,
};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The host version that the worker is told. `@azure/functions` requires 4.28 or newer.
const HOST_VERSION: &str = "4.1037.0.0";

const CANNOT_LOAD: &str = "the app cannot be loaded";
const NO_FUNCTION: &str = "the app has registered no function: `main` in package.json must name the file, or a pattern of the files, that registers the functions";

/// Starts workers.
pub struct Launcher {
    command: WorkerCommand,
    streams: Streams,
    port: u16,
    start_limit: Duration,
    calls: Calls,
}

impl Launcher {
    /// Opens the listener for the workers' streams. No worker is started yet.
    ///
    /// # Errors
    /// Returns the system's error if the listener cannot be opened.
    pub async fn new(command: WorkerCommand, start_limit: Duration, calls: Calls) -> std::io::Result<Self> {
        let streams = Streams::default();
        let port = streams.listen().await?;
        Ok(Self { command, streams, port, start_limit, calls })
    }

    /// Starts a worker for an app and waits until it is ready. If the future is dropped earlier, the process is killed.
    ///
    /// # Errors
    /// Returns the reason, in words for the developer, if the worker does not become ready.
    pub async fn start(&self, app: Arc<App>) -> Result<Running, String> {
        let started = Instant::now();
        let worker_id = uuid::Uuid::new_v4().to_string();
        let connected = self.streams.expect(&worker_id);
        let _expected = Expected { streams: &self.streams, worker_id: &worker_id };
        let process = self.command.start(&app, &worker_id, self.port);
        let mut process = process.map_err(|error| format!("the worker cannot be started: {error}"))?;
        let (process_id, debugger) = (process.id(), Arc::clone(process.debugger()));
        let handshake = async {
            let channel = connected.await.map_err(|_| "the worker did not connect".to_owned())?;
            match self.greet(channel.clone(), app, process_id).await {
                Err(_) if channel.is_closed() => match channel.unreadable() {
                    Some(reason) => Err(reason),
                    // Wait for the exit of the process, which explains more than the end of the stream.
                    None => std::future::pending().await,
                },
                outcome => outcome,
            }
        };
        let worker = tokio::select! {
            worker = handshake => worker,
            status = process.wait() => Err(format!("{} while it started", exited(status))),
            () = self.is_late(&debugger) => {
                Err(format!("the worker was not ready after {} s", self.start_limit.as_secs()))
            }
        };
        Ok(Running { worker: Arc::new(worker?), process, started })
    }

    /// Waits for the time that a start may take, or forever if a debugger may have paused the worker.
    async fn is_late(&self, debugger: &Debugger) {
        tokio::time::sleep(self.start_limit).await;
        if debugger.listens() {
            console::note(
                "the worker is not ready yet: it may be waiting for a debugger, or a debugger may have paused it",
            );
            std::future::pending().await
        }
    }

    /// Initialises the worker, asks for its functions and loads them.
    async fn greet(&self, channel: Channel, app: Arc<App>, process_id: u32) -> Result<Worker, String> {
        channel.log_to(app.log_levels.clone(), self.calls.clone());
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
        succeeded(metadata.result.as_ref(), CANNOT_LOAD, &app)?;
        if metadata.function_metadata_results.is_empty() {
            return Err(why_no_function(&channel, &app).await);
        }
        let (functions, routes) = load_all(&channel, &app, metadata.function_metadata_results).await;
        if channel.is_closed() {
            return Err("the worker ended while it started".to_owned());
        }
        let http = init.capabilities.get("HttpUri").and_then(|uri| http_address(uri));
        let node_version = init.worker_metadata.map(|metadata| metadata.runtime_version).unwrap_or_default();
        let http = http.map(|address| HttpPool::new(&address, &node_version));
        let (calls, overdue) = (TaskTracker::new(), CancellationToken::new());
        Ok(Worker { app, channel, functions, routes, http, calls, overdue, process_id })
    }
}

/// Loads the functions that the worker has found. Prints which of them cannot be served, and why.
async fn load_all(
    channel: &Channel,
    app: &App,
    mut found: Vec<RpcFunctionMetadata>,
) -> (Vec<Arc<Function>>, RouteTable) {
    let names: Vec<&str> = found.iter().map(|metadata| metadata.name.as_str()).collect();
    for (place, name) in app.missing(&names) {
        let known = names.join(", ");
        console::error(&format!("{place} names {name}, which the app does not register: it registers {known}"));
    }
    found.retain(|metadata| app.loads(&metadata.name));
    // The platform tries routes in this order, which matters if two routes match the same path.
    found.sort_by_key(|metadata| metadata.name.to_uppercase());
    let (mut functions, mut routes) = (Vec::new(), RouteTable::default());
    for metadata in found {
        let name = metadata.name.clone();
        match load(channel, metadata).await {
            Ok(mut function) => {
                function.is_disabled = app.disables(&name);
                if let Some(http) = &function.http {
                    let numbered = (functions.len(), &function.name);
                    if let Err(error) = routes.add(&app.route_prefix, numbered, &http.route, &http.methods) {
                        console::error(&format!("function {name} is not served: {error}"));
                        continue;
                    }
                }
                functions.push(Arc::new(function));
            }
            Err(reason) => console::error(&format!("function {name} cannot be loaded: {reason}")),
        }
    }
    (functions, routes)
}

/// Finds out why an app has no functions. If a file fails before any function is registered, the platform's worker
/// does not report the error with the list of functions, but in response to the first load request.
async fn why_no_function(channel: &Channel, app: &App) -> String {
    // The probe is a proxy, for which the worker loads no code of the app.
    let proxy = RpcFunctionMetadata { name: "probe".to_owned(), is_proxy: true, ..RpcFunctionMetadata::default() };
    let load = FunctionLoadRequest {
        function_id: proxy.name.clone(),
        metadata: Some(proxy),
        managed_dependency_enabled: false,
    };
    match channel.request(Content::FunctionLoadRequest(load)).await {
        Ok(Content::FunctionLoadResponse(response)) => {
            succeeded(response.result.as_ref(), CANNOT_LOAD, app).err().unwrap_or_else(|| NO_FUNCTION.to_owned())
        }
        _ => NO_FUNCTION.to_owned(),
    }
}

async fn load(channel: &Channel, metadata: RpcFunctionMetadata) -> Result<Function, String> {
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

/// Stops waiting for a worker's connection when it is dropped.
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
    result
        .and_then(|result| worker_error::message(result, &app.root))
        .map_or(Ok(()), |reason| Err(format!("{what}: {reason}")))
}

/// Returns the address in a URL: `http://localhost:55000/` becomes `127.0.0.1:55000`.
fn http_address(uri: &str) -> Option<String> {
    let uri: hyper::Uri = uri.parse().ok()?;
    uri.authority().map(|authority| authority.as_str().replace("localhost", "127.0.0.1"))
}
