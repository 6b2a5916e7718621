//! `bluecrab dev`: runs a function app on this machine.

use crate::app::App;
use crate::azurite::Emulator;
use crate::build;
use crate::crates::{self, Crates};
use crate::interrupts::Interrupts;
use crate::watch::FileWatcher;
use anyhow::{Context, Result};
use bluecrab_host::{Host, HostError, HostOptions, Limits};
use clap::{Args, value_parser};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::watch;

/// How long threads and workers may take to end after the last request.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// The arguments of `bluecrab dev`.
#[derive(Args, Clone)]
#[command(after_help = "Example:\n    bluecrab dev --watch --port 8080")]
pub struct DevArgs {
    /// The app's folder, which contains host.json
    #[arg(default_value = ".")]
    app: PathBuf,
    /// Build the modules first (default if the app's Cargo.toml has one)
    #[arg(long)]
    build: bool,
    /// Run the modules that exist, without building them
    #[arg(long, conflicts_with = "build")]
    no_build: bool,
    /// Build and serve the app again at each change
    #[arg(long)]
    watch: bool,
    /// Files for --watch to ignore, as in .gitignore; may be repeated
    #[arg(long, value_name = "PATTERN", requires = "watch")]
    ignore: Vec<String>,
    /// The port; 0 picks a free port [default: the app's, or 7071]
    #[arg(long)]
    port: Option<u16>,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,
    /// The folder of another Node.js worker, such as the platform's
    #[arg(long, value_name = "FOLDER")]
    worker_dir: Option<PathBuf>,
    /// The Node.js program (22 or 24; 20 also works) [default: node]
    #[arg(long, value_name = "PROGRAM")]
    node: Option<String>,
    /// Replace a worker whose event loop is blocked
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = value_parser!(u64).range(1..))]
    worker_timeout: u64,
    /// Answer 408 if a request's body pauses for this time
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = value_parser!(u64).range(1..))]
    body_pause: u64,
    /// Start no storage emulator, even if a function needs it
    #[arg(long)]
    no_storage: bool,
    /// Open connections; further ones are answered 503
    #[arg(long, value_name = "NUMBER", default_value_t = 1024, value_parser = value_parser!(u32).range(1..))]
    max_connections: u32,
}

impl DevArgs {
    fn host(&self) -> HostOptions {
        HostOptions {
            address: self.host,
            port: self.port(),
            worker_folder: self.worker_dir.clone(),
            node: self.node.clone(),
            worker_timeout: Duration::from_secs(self.worker_timeout),
            limits: Limits {
                body_pause: Duration::from_secs(self.body_pause),
                connections: usize::try_from(self.max_connections).unwrap_or(usize::MAX),
                ..Limits::default()
            },
            ..HostOptions::new(&self.app)
        }
    }

    /// Returns the port from the command line, from the app, or the default. The host reports errors in the app's files
    /// later.
    fn port(&self) -> u16 {
        self.port.or_else(|| bluecrab_host::App::read(&self.app).ok()?.port).unwrap_or(7071)
    }

    /// Returns whether to build the modules before the app runs.
    fn builds(&self) -> bool {
        !self.no_build && (self.build || crates::builds_unasked(&self.app))
    }

    /// Checks that the host can listen on the address, before the build starts.
    fn check_port(&self) -> Result<(), HostError> {
        let port = self.port();
        match TcpListener::bind((self.host, port)) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => Err(HostError::PortInUse { port }),
            Err(reason) => {
                Err(HostError::CannotListen { address: SocketAddr::new(self.host, port).to_string(), reason })
            }
            Ok(_) => Ok(()),
        }
    }

    /// Prints which crates are not built. Crates in folders below the app are built only with `--build`.
    fn print_unbuilt_crates(&self, app: &App) -> Result<()> {
        if !self.no_build && !self.builds() {
            for package in Crates::of(app)?.modules()? {
                let name = &package.name;
                tell!(
                    "note: the crate {name} is not built; use --build to build it first, or --no-build to hide this \
                     note"
                );
            }
        }
        Ok(())
    }

    fn build(&self) -> Result<()> {
        for module in build::build(&App::open(&self.app)?)? {
            say!("[build] {module}");
        }
        Ok(())
    }
}

/// Runs the app until a signal arrives (Ctrl-C, SIGTERM or SIGHUP). A second signal ends it at once.
pub fn run(arguments: &DevArgs) -> Result<()> {
    bluecrab_host::drop_unread_lines();
    let runtime = tokio::runtime::Runtime::new().context("cannot start the host's threads")?;
    let outcome = runtime.block_on(async {
        let mut interrupts = Interrupts::listen()?;
        let app = App::open(&arguments.app)?;
        arguments.check_port()?;
        if let Err(error) = arguments.print_unbuilt_crates(&app) {
            tell!("note: {error:#}; use --no-build to hide this note");
        }
        if arguments.watch { watch(arguments, &mut interrupts).await } else { serve(arguments, &mut interrupts).await }
    });
    // Do not wait for a running build, but give the workers time to end.
    runtime.shutdown_timeout(LAST_MOMENT);
    outcome
}

/// A host, and what starts the storage emulator for it.
struct Served {
    host: Host,
    emulator: Option<Emulator>,
}

impl Served {
    /// Stops the host, and then the emulator, which the last calls may need.
    async fn stop(self) {
        self.host.stop().await;
        if let Some(emulator) = self.emulator {
            emulator.stop().await;
        }
    }
}

/// Serves the app without watching for changes.
async fn serve(arguments: &DevArgs, interrupts: &mut Interrupts) -> Result<()> {
    let served = tokio::select! {
        served = start(arguments) => served?,
        () = interrupts.next() => return Ok(()),
    };
    tokio::select! {
        error = served.host.failed() => {
            served.stop().await;
            Err(error.into())
        }
        () = interrupts.next() => stop(served, interrupts).await,
    }
}

/// Serves each version of the app. If a new version cannot be served, the previous version keeps serving.
async fn watch(arguments: &DevArgs, interrupts: &mut Interrupts) -> Result<()> {
    let mut watcher = FileWatcher::new(&arguments.app, arguments.builds(), &arguments.ignore)?;
    let mut served = None;
    loop {
        tokio::select! {
            outcome = renew(arguments, &mut served) => match outcome {
                Err(error) if error.downcast_ref().is_some_and(HostError::is_final) => return Err(error),
                Err(error) => report(&error, served.as_ref()),
                Ok(()) => {}
            },
            () = interrupts.next() => break,
        }
        tokio::select! {
            file = watcher.changed() => say!("[watch] {} has changed", file.display()),
            () = report_failure(served.as_ref()) => {}
            () = interrupts.next() => break,
        }
    }
    match served {
        Some(served) => stop(served, interrupts).await,
        None => Ok(()),
    }
}

/// Builds the app, and starts the host or passes the new version to it.
async fn renew(arguments: &DevArgs, served: &mut Option<Served>) -> Result<()> {
    match served {
        Some(served) => {
            build_aside(arguments).await?;
            served.host.renew()?;
        }
        None => *served = Some(start(arguments).await?),
    }
    Ok(())
}

/// Builds the app and starts a host for it.
async fn start(arguments: &DevArgs) -> Result<Served> {
    build_aside(arguments).await?;
    if arguments.no_storage {
        return Ok(Served { host: Host::start(arguments.host()).await?, emulator: None });
    }
    let (ready, is_ready) = watch::channel(false);
    let host = Host::start(HostOptions { emulator_ready: Some(is_ready), ..arguments.host() }).await?;
    let app = std::path::absolute(&arguments.app).unwrap_or_else(|_| arguments.app.clone());
    let node = arguments.node.clone().unwrap_or_else(|| "node".to_owned());
    let emulator = Some(Emulator::start_when_needed(host.needs_emulator(), app, node, ready));
    Ok(Served { host, emulator })
}

/// Builds the app on a separate thread, unless the build is switched off.
async fn build_aside(arguments: &DevArgs) -> Result<()> {
    if arguments.builds() {
        let arguments = arguments.clone();
        tokio::task::spawn_blocking(move || arguments.build()).await.context("the build has panicked")??;
    }
    Ok(())
}

/// Reports it when the host has no version of the app to serve. Never returns.
async fn report_failure(served: Option<&Served>) {
    if let Some(served) = served {
        report(&served.host.failed().await.into(), None);
    }
    std::future::pending().await
}

/// Prints why a version of the app cannot be served.
fn report(error: &anyhow::Error, served: Option<&Served>) {
    let serving =
        if served.is_some_and(|served| served.host.serves()) { "; the previous code keeps serving" } else { "" };
    tell!("error: {error:#}");
    tell!("[watch] waiting for a change{serving}");
}

async fn stop(served: Served, interrupts: &mut Interrupts) -> Result<()> {
    tell!("Stopping: running requests finish first; press Ctrl-C again to stop at once.");
    tokio::select! {
        () = served.stop() => {}
        () = interrupts.next() => {}
    }
    Ok(())
}
