//! One start of a worker: its process, its connection, the handshake.

use super::channel::Channel;
use super::debugger::Debugger;
use super::function::Function;
use super::http_pool::HttpPool;
use super::process::WorkerCommand;
use super::running::{Running, exited};
use super::state::Worker;
use super::streams::Streams;
use crate::app::App;
use crate::console;
use crate::route::RouteTable;
use crate::worker_error;
use bluecrab_rpc::{
    Content, FunctionLoadRequest, FunctionsMetadataRequest, RpcFunctionMetadata, StatusResult, WorkerInitRequest,
};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::task::TaskTracker;

/// The version that the host gives itself before the worker; `@azure/functions` asks for 4.28 or newer.
const HOST_VERSION: &str = "4.1037.0.0";

const CANNOT_LOAD: &str = "the app cannot be loaded";
const NO_FUNCTION: &str =
    "the app has registered no function: `main` in its package.json must be the file, or the pattern, that does it";

/// What workers are started with.
pub struct Launcher {
    command: WorkerCommand,
    streams: Streams,
    port: u16,
    start_limit: Duration,
}

impl Launcher {
    /// Opens the stream's listener; nothing is started yet.
    ///
    /// # Errors
    /// The system's, where no port can be had.
    pub async fn new(command: WorkerCommand, start_limit: Duration) -> std::io::Result<Self> {
        let streams = Streams::default();
        let port = streams.listen().await?;
        Ok(Self { command, streams, port, start_limit })
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
        let process = self.command.start(&app, &worker_id, self.port);
        let mut process = process.map_err(|error| format!("the worker cannot be started: {error}"))?;
        let (process_id, debugger) = (process.id(), Arc::clone(process.debugger()));
        let handshake = async {
            let channel = connected.await.map_err(|_| "the worker did not connect".to_owned())?;
            match self.greet(channel.clone(), app, process_id).await {
                // The end of the process, which follows, says more than that of its stream.
                Err(_) if channel.is_closed() => std::future::pending().await,
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

    /// Waits as long as a start may take: without end, if a debugger may hold it.
    async fn is_late(&self, debugger: &Debugger) {
        tokio::time::sleep(self.start_limit).await;
        if debugger.listens() {
            console::note("the worker is not ready yet: it may wait for a debugger, or be stopped by one");
            std::future::pending().await
        }
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
        succeeded(metadata.result.as_ref(), CANNOT_LOAD, &app)?;
        if metadata.function_metadata_results.is_empty() {
            return Err(self.why_no_function(&channel, &app).await);
        }
        let (mut functions, mut routes) = (Vec::new(), RouteTable::default());
        let mut found = metadata.function_metadata_results;
        let names: Vec<&str> = found.iter().map(|metadata| metadata.name.as_str()).collect();
        for name in app.missing(&names) {
            console::error(&format!("`functions` in host.json names {name}, which the app does not register"));
        }
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
        let http = init.capabilities.get("HttpUri").and_then(|uri| http_address(uri));
        let http = http.map(|address| HttpPool::new(&address));
        Ok(Worker { app, channel, functions, routes, http, calls: TaskTracker::new(), process_id })
    }

    /// Why an app has no functions. If no file of it has registered one before the first that failed, the platform's
    /// worker does not report that failure with the functions, but in answer to the first request to load one.
    async fn why_no_function(&self, channel: &Channel, app: &App) -> String {
        // No code of the app is loaded for a proxy.
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

    async fn load(&self, channel: &Channel, metadata: RpcFunctionMetadata) -> Result<Function, String> {
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
    result
        .and_then(|result| worker_error::message(result, &app.root))
        .map_or(Ok(()), |reason| Err(format!("{what}: {reason}")))
}

/// `http://localhost:55000/` as `localhost:55000`.
fn http_address(uri: &str) -> Option<String> {
    let uri: hyper::Uri = uri.parse().ok()?;
    uri.authority().map(|authority| authority.as_str().replace("localhost", "127.0.0.1"))
}
