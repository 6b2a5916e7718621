//! A host from its start to its end.

use crate::announce::announce;
use crate::app::App;
use crate::console;
use crate::error::HostError;
use crate::http::{Limits, Listeners, Server};
use crate::worker::{Launcher, Supervisor, WorkerCommand, WorkerState};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

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
    /// How long a worker may take to be ready, unless a debugger may hold it.
    pub start_limit: Duration,
    /// How long the worker's event loop may stand still before the worker is replaced, unless a debugger is attached.
    pub worker_timeout: Duration,
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
            start_limit: Duration::from_secs(60),
            worker_timeout: Duration::from_secs(300),
            limits: Limits::default(),
        }
    }
}

/// A running host.
pub struct Host {
    address: SocketAddr,
    app: watch::Sender<Arc<App>>,
    state: watch::Sender<WorkerState>,
    stop_server: CancellationToken,
    stop_worker: CancellationToken,
    server: JoinHandle<()>,
    supervisor: JoinHandle<()>,
}

impl Host {
    /// Starts a host; it listens when this returns, and prints the functions when the worker is ready.
    ///
    /// # Errors
    /// Where the folder is no app, Node.js or the worker is missing, or the port is taken.
    pub async fn start(options: HostOptions) -> Result<Self, HostError> {
        let app = Arc::new(App::read(&options.app)?);
        tell_ignored(&app, None);
        let command = WorkerCommand::find(options.node, options.worker_folder, &app).await?;
        let listeners = Listeners::bind(SocketAddr::new(options.address, options.port)).await?;
        let cannot_listen = |reason| HostError::CannotListen { address: "127.0.0.1".to_owned(), reason };
        let address = listeners.address().map_err(cannot_listen)?;
        if !address.ip().is_loopback() {
            console::note(&format!(
                "{} is open to other machines: they can call each function without a key; /admin answers this machine only",
                address
            ));
        }
        let (stop_server, stop_worker) = (CancellationToken::new(), CancellationToken::new());
        let launcher = Launcher::new(command, options.start_limit).await.map_err(cannot_listen)?;
        let app = watch::Sender::new(app);
        let state = watch::Sender::new(WorkerState::Starting);
        let supervisor =
            Supervisor::new(launcher, app.subscribe(), options.worker_timeout, state.clone(), stop_worker.clone());
        tokio::spawn(announce(state.subscribe(), address));
        let server = Server::new(options.limits, state.subscribe());
        let server = tokio::spawn(server.run(listeners, stop_server.clone()));
        let supervisor = tokio::spawn(supervisor.run());
        Ok(Self { address, app, state, stop_server, stop_worker, server, supervisor })
    }

    /// Where the host listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether a worker answers now.
    pub fn serves(&self) -> bool {
        matches!(&*self.state.borrow(), WorkerState::Ready(_))
    }

    /// Waits for the worker; returns the number of its process.
    pub async fn ready(&self) -> Option<u32> {
        let mut state = self.state.subscribe();
        match &*state.wait_for(|state| matches!(state, WorkerState::Ready(_))).await.ok()? {
            WorkerState::Ready(worker) => Some(worker.process_id),
            _ => None,
        }
    }

    /// Waits until the app cannot be served as it is; returns why. After that a worker is started only for another version
    /// of it, by [`renew`](Self::renew).
    pub async fn failed(&self) -> HostError {
        let mut state = self.state.subscribe();
        let failed = state.wait_for(|state| matches!(state, WorkerState::Failed(_))).await;
        match failed.as_deref() {
            Ok(WorkerState::Failed(reason)) => HostError::AppFails { reason: reason.clone() },
            _ => std::future::pending().await,
        }
    }

    /// Reads the app again and starts a worker for it. When that is ready it gets the requests from then on, and the one
    /// before ends with its last call; where it cannot be, the one before goes on, and the reason is printed.
    ///
    /// # Errors
    /// Where the folder is no app any more: nothing is changed then.
    pub fn renew(&self) -> Result<(), HostError> {
        let app = App::read(&self.app.borrow().root)?;
        tell_ignored(&app, Some(&self.app.borrow()));
        // Whoever waits now waits for this version.
        self.state.send_if_modified(|state| {
            let has_failed = matches!(state, WorkerState::Failed(_));
            if has_failed {
                *state = WorkerState::Starting;
            }
            has_failed
        });
        self.app.send_replace(Arc::new(app));
        Ok(())
    }

    /// Stops accepting, lets the requests under way finish, and ends the worker.
    pub async fn stop(self) {
        // The worker must live as long as requests are under way, so the server goes first.
        self.stop_server.cancel();
        drop(self.server.await);
        self.stop_worker.cancel();
        drop(self.supervisor.await);
    }
}

/// Names the settings that have no effect on this host, unless they are the same as before.
fn tell_ignored(app: &App, before: Option<&App>) {
    if let Some(line) = app.ignored.as_ref().filter(|_| before.is_none_or(|before| before.ignored != app.ignored)) {
        console::note(line);
    }
}
