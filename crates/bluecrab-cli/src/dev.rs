//! `bluecrab dev`: run a function app on this machine.

use crate::app::App;
use crate::build;
use crate::crates::{self, Crates};
use crate::interrupts::Interrupts;
use crate::watch::Watch;
use anyhow::{Context, Result};
use bluecrab_host::{Host, HostError, HostOptions, Limits};
use clap::{Args, value_parser};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

/// What threads and workers get to end in after the last request.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// How to run the app.
#[derive(Args, Clone)]
#[command(after_help = "Example:\n    bluecrab dev --watch --port 8080")]
pub struct Options {
    /// The app's folder: the one with host.json
    #[arg(default_value = ".")]
    app: PathBuf,
    /// Build its modules first, as `bluecrab build` does; done by itself if the folder's own Cargo.toml has a module
    #[arg(long)]
    build: bool,
    /// Run what is there, without building
    #[arg(long, conflicts_with = "build")]
    no_build: bool,
    /// Build again whenever a file of the app changes, and serve the new code without a break
    #[arg(long)]
    watch: bool,
    /// Files that --watch does not look at, as a line of .gitignore names them; may be given several times
    #[arg(long, value_name = "PATTERN", requires = "watch")]
    ignore: Vec<String>,
    /// The port to listen on; 0 takes a free one [default: Host.LocalHttpPort of local.settings.json, else 7071]
    #[arg(long)]
    port: Option<u16>,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,
    /// The folder of the Node.js worker, if not Bluecrab's own
    #[arg(long, value_name = "FOLDER")]
    worker_dir: Option<PathBuf>,
    /// The Node.js program, 22 or 24 (20 still runs), if not the `node` in the path
    #[arg(long, value_name = "PROGRAM")]
    node: Option<String>,
    /// Seconds that the worker's event loop may stand still before the worker is replaced
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = value_parser!(u64).range(1..))]
    worker_timeout: u64,
    /// Seconds that a request's body may pause before it is answered 408
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = value_parser!(u64).range(1..))]
    body_pause: u64,
    /// Connections that may be open at once; one more is answered 503
    #[arg(long, value_name = "NUMBER", default_value_t = 1024, value_parser = value_parser!(u32).range(1..))]
    max_connections: u32,
}

impl Options {
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

    /// The port as the command names it, else as the app does. What is wrong in its files, the host says when it starts.
    fn port(&self) -> u16 {
        self.port.or_else(|| bluecrab_host::App::read(&self.app).ok()?.port).unwrap_or(7071)
    }

    /// Whether modules are built before the app runs.
    fn builds(&self) -> bool {
        !self.no_build && (self.build || crates::builds_unasked(&self.app))
    }

    /// Fails where the address cannot be listened on, before anything is built.
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

    /// Names the modules that are served as they are: crates in folders of the app are built only when asked.
    fn say_what_is_not_built(&self, app: &App) -> Result<()> {
        if !self.no_build && !self.builds() {
            for package in Crates::of(app)?.modules()? {
                let name = &package.name;
                tell!("note: the crate {name} is not built; --build builds it first, --no-build leaves out this note");
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

/// Runs the app until Ctrl-C, SIGTERM or SIGHUP; a second one ends at once.
pub fn run(options: &Options) -> Result<()> {
    bluecrab_host::drop_unread_lines();
    let runtime = tokio::runtime::Runtime::new().context("cannot start the host's threads")?;
    let outcome = runtime.block_on(async {
        let mut interrupts = Interrupts::listen()?;
        let app = App::open(&options.app)?;
        options.check_port()?;
        if let Err(error) = options.say_what_is_not_built(&app) {
            tell!("note: {error:#}; --no-build leaves out this note");
        }
        if options.watch { watch(options, &mut interrupts).await } else { serve(options, &mut interrupts).await }
    });
    // A build that is under way when the app is ended is nobody's concern any more, but workers end with what holds them.
    runtime.shutdown_timeout(LAST_MOMENT);
    outcome
}

/// Serves the app as it is.
async fn serve(options: &Options, interrupts: &mut Interrupts) -> Result<()> {
    let host = tokio::select! {
        host = start(options) => host?,
        () = interrupts.next() => return Ok(()),
    };
    tokio::select! {
        error = host.failed() => {
            host.stop().await;
            Err(error.into())
        }
        () = interrupts.next() => stop(host, interrupts).await,
    }
}

/// Serves the app and every version that follows it. A version that cannot be served leaves the one before it serving.
async fn watch(options: &Options, interrupts: &mut Interrupts) -> Result<()> {
    let mut watch = Watch::new(&options.app, options.builds(), &options.ignore)?;
    let mut host = None;
    loop {
        tokio::select! {
            outcome = renew(options, &mut host) => match outcome {
                Err(error) if error.downcast_ref().is_some_and(HostError::is_final) => return Err(error),
                Err(error) => report(&error, host.as_ref()),
                Ok(()) => {}
            },
            () = interrupts.next() => break,
        }
        tokio::select! {
            file = watch.changed() => say!("[watch] {} has changed", file.display()),
            () = report_failure(host.as_ref()) => {}
            () = interrupts.next() => break,
        }
    }
    match host {
        Some(host) => stop(host, interrupts).await,
        None => Ok(()),
    }
}

/// Builds the app and hands it to the host, which is started once.
async fn renew(options: &Options, host: &mut Option<Host>) -> Result<()> {
    match host {
        Some(host) => {
            build_aside(options).await?;
            host.renew()?;
        }
        None => *host = Some(start(options).await?),
    }
    Ok(())
}

/// Builds the app and starts a host for it.
async fn start(options: &Options) -> Result<Host> {
    build_aside(options).await?;
    Ok(Host::start(options.host()).await?)
}

/// Builds the app on a thread of its own, if it is built here.
async fn build_aside(options: &Options) -> Result<()> {
    if options.builds() {
        let options = options.clone();
        tokio::task::spawn_blocking(move || options.build()).await.context("the build has panicked")??;
    }
    Ok(())
}

/// Reports when the host has no version of the app to serve; never returns.
async fn report_failure(host: Option<&Host>) {
    if let Some(host) = host {
        report(&host.failed().await.into(), None);
    }
    std::future::pending().await
}

/// Prints why a version of the app cannot be served.
fn report(error: &anyhow::Error, host: Option<&Host>) {
    let serving = if host.is_some_and(Host::serves) { "; the previous code keeps serving" } else { "" };
    tell!("error: {error:#}");
    tell!("[watch] waiting for a change{serving}");
}

async fn stop(host: Host, interrupts: &mut Interrupts) -> Result<()> {
    tell!("Ending: requests under way are finished first; once more ends at once.");
    tokio::select! {
        () = host.stop() => {}
        () = interrupts.next() => {}
    }
    Ok(())
}
