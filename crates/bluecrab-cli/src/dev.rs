//! `bluecrab dev`: run a function app on this machine.

use crate::app::App;
use crate::build;
use crate::watch::Watch;
use anyhow::{Context, Result};
use bluecrab_host::{Host, HostError, HostOptions, Limits};
use clap::Args;
use std::future::Future;
use std::net::IpAddr;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::time::Duration;

/// How to run the app.
#[derive(Args, Clone)]
pub struct Options {
    /// The app's folder: the one with host.json
    #[arg(default_value = ".")]
    app: PathBuf,
    /// Build its modules first, as `bluecrab build` does; done anyway where its folder has a Cargo.toml
    #[arg(long)]
    build: bool,
    /// Run what is there, without building
    #[arg(long, conflicts_with = "build")]
    no_build: bool,
    /// Build and start again whenever a file of the app changes
    #[arg(long)]
    watch: bool,
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 7071)]
    port: u16,
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// The folder of the Node.js worker, ours or the platform's own
    #[arg(long, value_name = "FOLDER")]
    worker_dir: Option<PathBuf>,
    /// The Node.js program
    #[arg(long, value_name = "PROGRAM")]
    node: Option<String>,
    /// Seconds that the worker's event loop may stand still before the worker is replaced
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    hang_limit: u64,
    /// Seconds that a request's body may pause before it is answered 408
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    body_pause: u64,
    /// Connections that may be open at once; one more is answered 503
    #[arg(long, value_name = "NUMBER", default_value_t = 1024)]
    max_connections: usize,
}

impl Options {
    fn host(&self) -> HostOptions {
        HostOptions {
            address: self.host,
            port: self.port,
            worker_folder: self.worker_dir.clone(),
            node: self.node.clone(),
            hang_limit: Duration::from_secs(self.hang_limit.max(1)),
            limits: Limits {
                body_pause: Duration::from_secs(self.body_pause.max(1)),
                connections: self.max_connections.max(1),
                ..Limits::default()
            },
            ..HostOptions::new(&self.app)
        }
    }

    /// Whether modules are built before the app runs.
    fn builds(&self) -> bool {
        !self.no_build && (self.build || self.app.join("Cargo.toml").is_file())
    }

    fn build(&self) -> Result<()> {
        for module in build::build(&App::open(&self.app)?)? {
            println!("[build] {module}");
        }
        Ok(())
    }
}

/// Runs the app until Ctrl-C or SIGTERM; a second one ends at once.
pub fn run(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the host's threads")?;
    let outcome = runtime.block_on(async {
        let mut interrupted = pin!(interrupted());
        if options.watch {
            return watch(options, interrupted).await;
        }
        if options.builds() {
            options.build()?;
        }
        let host = Host::start(options.host()).await?;
        interrupted.as_mut().await?;
        stop(host).await
    });
    // A build that is under way when the app is ended is nobody's concern any more.
    runtime.shutdown_background();
    outcome
}

/// Serves the app, and what becomes of it; what cannot be built leaves the last one serving.
async fn watch(options: &Options, mut interrupted: Pin<&mut impl Future<Output = Result<()>>>) -> Result<()> {
    App::open(&options.app)?;
    let mut watch = Watch::new(&options.app, options.builds());
    let mut serving = Serving { options: options.clone(), host: None };
    let mut has_served = false;
    loop {
        tokio::select! {
            outcome = serving.renew() => match outcome {
                Ok(()) => has_served = true,
                // No change of the app frees the port.
                Err(error) if !has_served && is_port_in_use(&error) => return Err(error),
                Err(error) => {
                    eprintln!("error: {error:#}");
                    eprintln!("[watch] waiting for a change");
                }
            },
            ended = &mut interrupted => {
                ended?;
                break;
            }
        }
        tokio::select! {
            file = watch.changed() => println!("[watch] {} has changed", file.display()),
            ended = &mut interrupted => {
                ended?;
                break;
            }
        }
    }
    match serving.host {
        Some(host) => stop(host).await,
        None => Ok(()),
    }
}

fn is_port_in_use(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(HostError::PortInUse { .. }))
}

/// A host that gives way to its successor.
struct Serving {
    options: Options,
    host: Option<Host>,
}

impl Serving {
    async fn renew(&mut self) -> Result<()> {
        if self.options.builds() {
            let options = self.options.clone();
            tokio::task::spawn_blocking(move || options.build()).await.context("the build has panicked")??;
        }
        if let Some(host) = self.host.take() {
            // The same port for the next one, where any was taken.
            self.options.port = host.address().port();
            host.stop().await;
        }
        self.host = Some(Host::start(self.options.host()).await?);
        Ok(())
    }
}

async fn stop(host: Host) -> Result<()> {
    eprintln!("Ending: requests under way are finished first; once more ends at once.");
    tokio::select! {
        () = host.stop() => Ok(()),
        again = interrupted() => again,
    }
}

async fn interrupted() -> Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
        tokio::select! {
            interrupt = tokio::signal::ctrl_c() => interrupt.context("cannot listen for Ctrl-C"),
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.context("cannot listen for Ctrl-C")
}
