//! A host from its start to its end.

use crate::app::App;
use crate::console;
use crate::error::HostError;
use crate::http::{Limits, Server};
use crate::worker::{Supervisor, Worker, WorkerCommand, WorkerState};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What a host is started with.
#[derive(Debug, Clone)]
pub struct HostOptions {
    /// The app's folder.
    pub app: PathBuf,
    /// The address to listen on.
    pub address: IpAddr,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// The worker's folder, where it is not the usual one.
    pub worker_folder: Option<PathBuf>,
    /// The Node.js program, where it is not `node`.
    pub node: Option<String>,
    /// How long the worker's event loop may stand still before the worker is replaced.
    pub hang_limit: Duration,
    /// What one request may cost.
    pub limits: Limits,
}

impl HostOptions {
    /// The usual options for an app: 127.0.0.1:7071.
    pub fn new(app: impl Into<PathBuf>) -> Self {
        Self {
            app: app.into(),
            address: Ipv4Addr::LOCALHOST.into(),
            port: 7071,
            worker_folder: None,
            node: None,
            hang_limit: Duration::from_secs(300),
            limits: Limits::default(),
        }
    }
}

/// A running host.
pub struct Host {
    address: SocketAddr,
    state: watch::Receiver<WorkerState>,
    stop_server: watch::Sender<bool>,
    stop_worker: watch::Sender<bool>,
    server: JoinHandle<()>,
    supervisor: JoinHandle<()>,
}

impl Host {
    /// Starts a host; it listens when this returns, and prints the functions when the worker is ready.
    ///
    /// # Errors
    /// Where the folder is no app, Node.js or the worker is missing, or the port is taken.
    pub async fn start(options: HostOptions) -> Result<Self, HostError> {
        let started = Instant::now();
        let app = Arc::new(App::read(&options.app)?);
        let command = WorkerCommand::find(options.node, options.worker_folder, &app).await?;
        let listener = listen(SocketAddr::new(options.address, options.port)).await?;
        let cannot_listen = |reason| HostError::CannotListen { address: "127.0.0.1".to_owned(), reason };
        let address = listener.local_addr().map_err(cannot_listen)?;
        let (stop_server, server_stopping) = watch::channel(false);
        let (stop_worker, worker_stopping) = watch::channel(false);
        let supervisor = Supervisor::new(Arc::clone(&app), command, options.hang_limit, worker_stopping);
        let supervisor = supervisor.await.map_err(cannot_listen)?;
        let state = supervisor.state();
        tokio::spawn(announce(state.clone(), app.route_prefix.clone(), address, started));
        let server = Server::new(app, options.limits, state.clone());
        let server = tokio::spawn(server.run(listener, server_stopping));
        let supervisor = tokio::spawn(supervisor.run());
        Ok(Self { address, state, stop_server, stop_worker, server, supervisor })
    }

    /// Where the host listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for the worker; gives its process id.
    pub async fn ready(&self) -> Option<u32> {
        let mut state = self.state.clone();
        match &*state.wait_for(|state| matches!(state, WorkerState::Ready(_))).await.ok()? {
            WorkerState::Ready(worker) => Some(worker.process_id),
            WorkerState::Starting | WorkerState::Failing => None,
        }
    }

    /// Stops accepting, lets the requests under way finish, and ends the worker.
    pub async fn stop(self) {
        // The worker must live as long as requests are under way, so the server goes first.
        self.stop_server.send_replace(true);
        drop(self.server.await);
        self.stop_worker.send_replace(true);
        drop(self.supervisor.await);
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, HostError> {
    TcpListener::bind(address).await.map_err(|reason| match reason.kind() {
        std::io::ErrorKind::AddrInUse => HostError::PortInUse { port: address.port() },
        _ => HostError::CannotListen { address: address.to_string(), reason },
    })
}

/// Prints the functions of the first worker in full, and a line for each that follows.
async fn announce(mut state: watch::Receiver<WorkerState>, prefix: String, address: SocketAddr, started: Instant) {
    let mut first = true;
    while state.changed().await.is_ok() {
        let worker: Arc<Worker> = match &*state.borrow_and_update() {
            WorkerState::Ready(worker) => Arc::clone(worker),
            WorkerState::Starting | WorkerState::Failing => continue,
        };
        if first {
            let base = format!("http://{}", display(address));
            console::functions(&worker.functions, &base, &prefix);
            console::ready(&base, started.elapsed());
        } else {
            console::note(&format!("a new worker is ready (process {})", worker.process_id));
        }
        first = false;
    }
}

fn display(address: SocketAddr) -> String {
    if address.ip().is_loopback() { format!("localhost:{}", address.port()) } else { address.to_string() }
}
