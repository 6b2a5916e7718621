//! Starts, reloads and stops a host.

use crate::announce::announce;
use crate::app::{App, Overrides};
use crate::calls::Calls;
use crate::console;
use crate::error::HostError;
use crate::http::{Identity, Limits, Listeners, Server, ServerOptions};
use crate::keys::Keys;
use crate::page::Page;
use crate::spans::{SpanExporter, Spans};
use crate::storage::{Connections, EmulatorPorts};
use crate::trigger::{Triggers, needs_emulator};
use crate::worker::{Launcher, Supervisor, WorkerCommand, WorkerState};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The options of a host.
#[derive(Debug, Clone)]
pub struct HostOptions {
    /// The app's folder.
    pub app: PathBuf,
    /// The address to listen on.
    pub address: IpAddr,
    /// The port to listen on; 0 takes any free port.
    pub port: u16,
    /// The worker's folder, if it is not the default.
    pub worker_folder: Option<PathBuf>,
    /// The Node.js program, if it is not `node`.
    pub node: Option<String>,
    /// How long a worker may take to become ready. The limit does not apply while a debugger may hold the worker.
    pub start_limit: Duration,
    /// How long the worker's event loop may be blocked before the host replaces the worker. The limit does not apply
    /// while a debugger is attached.
    pub worker_timeout: Duration,
    /// The limits for requests and connections.
    pub limits: Limits,
    /// Options that take precedence over the app's files.
    pub overrides: Overrides,
    /// Whether callers need the keys of the app's functions.
    pub auth: bool,
    /// The certificate for HTTPS; without it the host serves HTTP.
    pub identity: Option<Identity>,
    /// Becomes `true` when the emulator of Azure Storage can be used. Functions that need it wait. `None` if nobody
    /// starts one for this host.
    pub emulator_ready: Option<watch::Receiver<bool>>,
    /// Whether programs on this machine get a page at `/`, if no function is there.
    pub page: bool,
}

impl HostOptions {
    /// Returns the default options for an app, which listen on 127.0.0.1:7071.
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
            overrides: Overrides::default(),
            auth: false,
            identity: None,
            emulator_ready: None,
            page: true,
        }
    }
}

/// A running host.
pub struct Host {
    address: SocketAddr,
    app: watch::Sender<Arc<App>>,
    state: watch::Sender<WorkerState>,
    /// Why older code than the app's newest serves.
    stale: watch::Sender<Option<String>>,
    triggers: Triggers,
    overrides: Overrides,
    drain_time: Duration,
    stop_server: CancellationToken,
    stop_worker: CancellationToken,
    server: JoinHandle<()>,
    supervisor: JoinHandle<()>,
    exporter: Option<SpanExporter>,
}

impl Host {
    /// Starts a host. The host listens when this returns; it prints the functions as soon as the worker is ready.
    ///
    /// # Errors
    /// Returns an error if the folder is not a function app, if Node.js or the worker is missing, or if the port is in
    /// use.
    pub async fn start(options: HostOptions) -> Result<Self, HostError> {
        let connections = Connections::new(options.emulator_ready);
        let app = App::read(&options.app)?.with_overrides(&options.overrides)?;
        let collector = options.overrides.otlp.as_ref();
        let (spans, exporter) = collector.map(|collector| Spans::to(collector, &app)).transpose()?.unzip();
        let app = Arc::new(app.with(connections, spans.unwrap_or_default()));
        tell_ignored(&app, None);
        let command = WorkerCommand::find(options.node, options.worker_folder, &app).await?;
        let listeners = Listeners::bind(SocketAddr::new(options.address, options.port)).await?;
        let cannot_listen = |reason| HostError::CannotListen { address: "127.0.0.1".to_owned(), reason };
        let address = listeners.address().map_err(cannot_listen)?;
        let tls = options.identity.as_ref().map(Identity::acceptor).transpose()?;
        let keys = if options.auth { Some(Arc::new(Keys::open(&app.root, address.port())?)) } else { None };
        if !address.ip().is_loopback() {
            let without_key = if keys.is_some() { "" } else { ", which can call every function without a key" };
            console::note(&format!(
                "{address} accepts requests from other machines{without_key}; /admin and /runtime answer only this machine"
            ));
        }
        let (stop_server, stop_worker) = (CancellationToken::new(), CancellationToken::new());
        let calls = Calls::new(options.page);
        let launcher = Launcher::new(command, options.start_limit, calls.clone()).await.map_err(cannot_listen)?;
        let app = watch::Sender::new(app);
        let state = watch::Sender::new(WorkerState::Starting);
        let stale = watch::Sender::new(None);
        let states = (state.clone(), stale.clone());
        let supervisor =
            Supervisor::new(launcher, app.subscribe(), options.worker_timeout, states, stop_worker.clone());
        let scheme = if tls.is_some() { "https" } else { "http" };
        tokio::spawn(announce(state.subscribe(), scheme, address, keys.clone()));
        let triggers = Triggers::new(state.subscribe(), calls);
        tokio::spawn(triggers.clone().run());
        let overrides = options.overrides;
        let drain_time = options.limits.drain_time;
        let states = (state.subscribe(), stale.subscribe());
        let page = || Page::new(states, triggers.clone(), keys.clone(), stop_server.clone());
        let page = options.page.then(page);
        let options = ServerOptions { limits: options.limits, keys, tls, page };
        let server = Server::new(options, state.subscribe(), triggers.clone());
        let server = tokio::spawn(server.run(listeners, stop_server.clone()));
        let supervisor = tokio::spawn(supervisor.run());
        Ok(Self {
            address,
            app,
            state,
            stale,
            triggers,
            overrides,
            drain_time,
            stop_server,
            stop_worker,
            server,
            supervisor,
            exporter,
        })
    }

    /// Returns the address that the host listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns whether a worker is ready.
    pub fn serves(&self) -> bool {
        matches!(&*self.state.borrow(), WorkerState::Ready(_))
    }

    /// Waits until a worker is ready and returns its process id.
    pub async fn ready(&self) -> Option<u32> {
        let mut state = self.state.subscribe();
        match &*state.wait_for(|state| matches!(state, WorkerState::Ready(_))).await.ok()? {
            WorkerState::Ready(worker) => Some(worker.process_id),
            _ => None,
        }
    }

    /// Waits until no worker can serve the app, and returns the reason. The host then starts no worker until
    /// [`renew`](Self::renew) reads another version of the app.
    pub async fn failed(&self) -> HostError {
        let mut state = self.state.subscribe();
        let failed = state.wait_for(|state| matches!(state, WorkerState::Failed(_))).await;
        match failed.as_deref() {
            Ok(WorkerState::Failed(reason)) => HostError::AppFails { reason: reason.clone() },
            _ => std::future::pending().await,
        }
    }

    /// Waits until a function uses an emulator of Azure Storage on this machine, and returns its ports.
    pub fn needs_emulator(&self) -> impl Future<Output = EmulatorPorts> + Send + use<> {
        needs_emulator(self.state.subscribe())
    }

    /// Reads the app again and starts a worker for it. When the new worker is ready, it takes all new requests, and the
    /// old worker ends after its last call. If the new worker cannot start, the old one keeps serving, and the host
    /// prints the reason.
    ///
    /// # Errors
    /// Returns an error, and changes nothing, if the folder is no longer a function app.
    pub fn renew(&self) -> Result<(), HostError> {
        let before = Arc::clone(&self.app.borrow());
        let app = App::read(&before.root)?.with_overrides(&self.overrides)?;
        let app = app.with(before.connections(), before.spans.clone());
        tell_ignored(&app, Some(&before));
        // Requests that wait from now on wait for this version. While the state is locked, nobody can note that another
        // version has failed.
        self.state.send_if_modified(|state| {
            self.app.send_replace(Arc::new(app));
            let has_failed = matches!(state, WorkerState::Failed(_));
            if has_failed {
                *state = WorkerState::Starting;
            }
            has_failed
        });
        Ok(())
    }

    /// Shows on the page why the app's newest code does not serve, until a newer version does. The host itself knows
    /// only of versions that [`renew`](Self::renew) has read.
    pub fn show_failure(&self, reason: &str) {
        self.stale.send_replace(Some(reason.to_owned()));
    }

    /// Stops accepting connections and firing functions, lets running calls finish, and ends the worker.
    pub async fn stop(self) {
        // Stop the triggers and the server first: their running calls still need the worker. A host that refuses
        // connections fires no function any more.
        self.triggers.drain();
        self.stop_server.cancel();
        drop(tokio::join!(self.server, self.triggers.stop(self.drain_time)));
        self.stop_worker.cancel();
        drop(self.supervisor.await);
        if let Some(exporter) = self.exporter {
            exporter.stop().await;
        }
    }
}

/// Prints which settings have no effect on this host, unless the line is the same as before.
fn tell_ignored(app: &App, before: Option<&App>) {
    if let Some(line) = app.ignored.as_ref().filter(|_| before.is_none_or(|before| before.ignored != app.ignored)) {
        console::note(line);
    }
}
