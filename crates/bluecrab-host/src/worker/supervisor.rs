//! The worker's life: start, handshake, crash, another start after a pause that grows.

use super::channel::Channel;
use super::function::Function;
use super::process::WorkerCommand;
use super::streams::Streams;
use crate::app::App;
use crate::console;
use crate::route::RouteTable;
use bluecrab_rpc::{
    Content, FunctionLoadRequest, FunctionsMetadataRequest, StatusResult, WorkerInitRequest, WorkerTerminate,
};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::process::Child;
use tokio::sync::watch;

/// The version that the host gives itself before the worker; `@azure/functions` asks for 4.28 or newer.
const HOST_VERSION: &str = "4.1037.0.0";
const GRACE: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A worker that ran this long has proven that it can: the pause starts anew.
const STABLE_AFTER: Duration = Duration::from_secs(30);
const START_LIMIT: Duration = Duration::from_secs(60);
const PROBE_EVERY: Duration = Duration::from_secs(10);
/// Exit code by which a worker asks to be started again.
const RESTART_CODE: i32 = 200;

/// A worker that is ready for invocations.
pub struct Worker {
    /// The stream to it.
    pub channel: Channel,
    /// The app's functions.
    pub functions: Vec<Function>,
    /// Their routes, with the prefix.
    pub routes: RouteTable,
    /// `HOST:PORT` of the worker's own HTTP listener, where the app has HTTP streaming on.
    pub http_address: Option<String>,
    /// Its process.
    pub process_id: u32,
}

/// What the worker is doing.
#[derive(Clone)]
pub enum WorkerState {
    /// It starts, or starts again.
    Starting,
    /// Its last start failed; another is tried after a pause.
    Failing,
    /// It answers.
    Ready(Arc<Worker>),
}

/// Keeps one worker running.
pub struct Supervisor {
    app: Arc<App>,
    command: WorkerCommand,
    streams: Streams,
    port: u16,
    hang_limit: Duration,
    state: Arc<watch::Sender<WorkerState>>,
    stopping: watch::Receiver<bool>,
}

impl Supervisor {
    /// Opens the stream's listener; nothing is started yet.
    ///
    /// # Errors
    /// The system's, where no port can be had.
    pub async fn new(
        app: Arc<App>,
        command: WorkerCommand,
        hang_limit: Duration,
        stopping: watch::Receiver<bool>,
    ) -> std::io::Result<Self> {
        let streams = Streams::default();
        let port = streams.listen().await?;
        let state = Arc::new(watch::Sender::new(WorkerState::Starting));
        Ok(Self { app, command, streams, port, hang_limit, state, stopping })
    }

    /// What the worker is doing, now and from now on.
    pub fn state(&self) -> watch::Receiver<WorkerState> {
        self.state.subscribe()
    }

    /// Runs workers, one after another, until the host stops.
    pub async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let started = Instant::now();
            let end = self.run_one().await;
            let (state, reason) = match end {
                End::Stopped => return,
                End::NeverReady(reason) => (WorkerState::Failing, reason),
                End::Ended(reason) => (WorkerState::Starting, reason),
            };
            self.state.send_replace(state);
            if started.elapsed() > STABLE_AFTER {
                pause = FIRST_PAUSE;
            }
            console::error(&format!("{reason}; another worker starts in {} ms", pause.as_millis()));
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stopped(&mut self.stopping) => return,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn run_one(&mut self) -> End {
        let worker_id = uuid::Uuid::new_v4().to_string();
        let connected = self.streams.expect(&worker_id);
        let mut child = match self.command.start(&self.app, &worker_id, self.port) {
            Ok(child) => child,
            Err(error) => return End::NeverReady(format!("the worker cannot be started: {error}")),
        };
        let process_id = child.id().unwrap_or_default();
        let mut stopping = self.stopping.clone();
        let handshake = async {
            let channel = connected.await.map_err(|_| "the worker did not connect".to_owned())?;
            match self.greet(channel.clone(), process_id).await {
                // The end of the process, which follows, says more than that of its stream.
                Err(_) if channel.is_closed() => std::future::pending().await,
                outcome => outcome,
            }
        };
        let worker = tokio::select! {
            worker = tokio::time::timeout(START_LIMIT, handshake) => worker,
            status = child.wait() => {
                self.streams.forget(&worker_id);
                return End::NeverReady(format!("{} while it started", exited(status)));
            }
            () = stopped(&mut stopping) => return End::Stopped,
        };
        let worker = match worker {
            Ok(Ok(worker)) => Arc::new(worker),
            Ok(Err(reason)) => return End::NeverReady(reason),
            Err(_) => return End::NeverReady(format!("the worker was not ready after {} s", START_LIMIT.as_secs())),
        };
        self.state.send_replace(WorkerState::Ready(Arc::clone(&worker)));
        tokio::select! {
                    status = child.wait() => End::Ended(exited(status)),
                    () = worker.channel.closed() => {
                        let status = tokio::time::timeout(GRACE, child.wait()).await;
        End::Ended(status.map_or_else(|_| "the worker closed its stream".to_owned(), exited))
                    }
                    () = hung(&worker.channel, self.hang_limit) => {
                        End::Ended(format!("the worker's event loop stood still for {} s", self.hang_limit.as_secs()))
                    }
                    () = stopped(&mut stopping) => {
                        terminate(&worker.channel, &mut child).await;
                        End::Stopped
                    }
                }
    }

    /// Initialises the worker, learns its functions and loads them.
    async fn greet(&self, channel: Channel, process_id: u32) -> Result<Worker, String> {
        let root = self.app.root.to_string_lossy().into_owned();
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
        succeeded(init.result.as_ref(), "the worker cannot be initialised")?;
        let ask = Content::FunctionsMetadataRequest(FunctionsMetadataRequest { function_app_directory: root });
        let Content::FunctionMetadataResponse(metadata) = channel.request(ask).await.map_err(gone)? else {
            return Err("the worker answered FunctionsMetadataRequest with something else".to_owned());
        };
        succeeded(metadata.result.as_ref(), "the app cannot be loaded")?;
        let (mut functions, mut routes) = (Vec::new(), RouteTable::default());
        for metadata in metadata.function_metadata_results {
            let name = metadata.name.clone();
            match self.load(&channel, metadata).await {
                Ok(function) => {
                    if let Some(http) = &function.http {
                        let route = format!("{}/{}", self.app.route_prefix, http.route.trim_matches('/'));
                        if let Err(error) = routes.add(&route, http.methods.clone(), functions.len()) {
                            console::error(&format!("function {name}: {error}"));
                            continue;
                        }
                    }
                    functions.push(function);
                }
                Err(reason) => console::error(&format!("function {name} cannot be loaded: {reason}")),
            }
        }
        let http_address = init.capabilities.get("HttpUri").and_then(|uri| http_address(uri));
        Ok(Worker { channel, functions, routes, http_address, process_id })
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

enum End {
    Stopped,
    /// It ended, or was given up, before it was ready.
    NeverReady(String),
    /// It had been ready.
    Ended(String),
}

fn exited(status: std::io::Result<std::process::ExitStatus>) -> String {
    match status {
        Ok(status) if status.code() == Some(RESTART_CODE) => "the worker asked to be started again".to_owned(),
        Ok(status) => format!("the worker ended ({status})"),
        Err(error) => format!("the worker was lost: {error}"),
    }
}

fn succeeded(result: Option<&StatusResult>, what: &str) -> Result<(), String> {
    result.and_then(StatusResult::failure).map_or(Ok(()), |reason| Err(format!("{what}: {reason}")))
}

/// `http://localhost:55000/` as `localhost:55000`.
fn http_address(uri: &str) -> Option<String> {
    let uri: hyper::Uri = uri.parse().ok()?;
    uri.authority().map(|authority| authority.as_str().replace("localhost", "127.0.0.1"))
}

/// Comes back when the worker has left a status request unanswered for too long.
async fn hung(channel: &Channel, limit: Duration) {
    loop {
        tokio::time::sleep(PROBE_EVERY.min(limit)).await;
        if tokio::time::timeout(limit, channel.check_status()).await.is_err() {
            return;
        }
    }
}

/// Comes back when the host stops.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    drop(stopping.wait_for(|stopping| *stopping).await);
}

/// Asks the worker to end, and ends it where it does not.
async fn terminate(channel: &Channel, child: &mut Child) {
    let grace_period = prost_duration(GRACE);
    channel.tell(Content::WorkerTerminate(WorkerTerminate { grace_period: Some(grace_period) }));
    if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
        drop(child.kill().await);
    }
}

fn prost_duration(duration: Duration) -> prost_types::Duration {
    prost_types::Duration { seconds: duration.as_secs().cast_signed(), nanos: 0 }
}
