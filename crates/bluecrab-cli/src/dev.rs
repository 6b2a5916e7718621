//! `bluecrab dev`: run a function app on this machine.

use anyhow::{Context, Result};
use bluecrab_host::{Host, HostOptions, Limits};
use clap::Args;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How to run the app.
#[derive(Args)]
pub struct Options {
    /// The app's folder: the one with host.json
    #[arg(default_value = ".")]
    app: PathBuf,
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

/// Runs the app until Ctrl-C or SIGTERM; a second one ends at once.
pub fn run(options: Options) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the host's threads")?;
    runtime.block_on(async {
        let host = Host::start(HostOptions {
            address: options.host,
            port: options.port,
            worker_folder: options.worker_dir,
            node: options.node,
            hang_limit: Duration::from_secs(options.hang_limit.max(1)),
            limits: Limits {
                body_pause: Duration::from_secs(options.body_pause.max(1)),
                connections: options.max_connections.max(1),
                ..Limits::default()
            },
            ..HostOptions::new(options.app)
        })
        .await?;
        interrupted().await?;
        eprintln!("Ending: requests under way are finished first; once more ends at once.");
        tokio::select! {
            () = host.stop() => {}
            again = interrupted() => again?,
        }
        Ok(())
    })
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
