//! The demonstration: the flagship app, served, and the experiment of 2019 run against it.

use crate::{build, setup};
use anyhow::{Context, Result, bail};
use bluecrab_bench::Report;
use bluecrab_bench::experiment::{self, Options as Experiment};
use clap::Args;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;
use tokio::process::{Child, Command};

/// How to demonstrate.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask demo --once")]
pub struct Options {
    /// The port to serve on
    #[arg(long, default_value_t = 7071)]
    port: u16,
    /// End after the table instead of serving on
    #[arg(long)]
    once: bool,
}

/// Sets up, builds, serves, measures, and serves on.
pub fn run(options: Options) -> Result<()> {
    check_port(options.port)?;
    setup::run()?;
    let built = build::run()?;
    tokio::runtime::Runtime::new()?.block_on(serve_and_measure(options, &built))
}

fn check_port(port: u16) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bail!("port {port} is in use: end the program that uses it, or choose another with --port {}", port + 1)
        }
        Err(error) => Err(error).with_context(|| format!("cannot listen on port {port}: choose another with --port")),
    }
}

async fn serve_and_measure(options: Options, built: &build::Built) -> Result<()> {
    let mut host = start_host(&built.bluecrab, &built.app, options.port)?;
    let url = format!("http://localhost:{}", options.port);
    let outcome = tokio::select! {
        report = measure(built, &url, options.port) => report,
        status = host.wait() => bail!("the host ended before the experiment did ({})", status?),
        () = interrupted() => return stop(host).await,
    };
    if let Ok(report) = &outcome {
        println!("\n{report}");
    }
    if outcome.is_err() || options.once {
        stop(host).await?;
        return outcome.map(drop);
    }
    println!(
        "Serving on {url} until Ctrl-C. Try it:\n\n    curl {url}/api/multiply-rust --json '[[[1,2],[3,4]],[[5,6],[7,8]]]'\n"
    );
    tokio::select! {
        status = host.wait() => bail!("the host ended ({})", status?),
        () = interrupted() => stop(host).await,
    }
}

fn start_host(bluecrab: &Path, app: &Path, port: u16) -> Result<Child> {
    Command::new(bluecrab)
        .args(["dev".as_ref(), app.as_os_str(), "--port".as_ref(), port.to_string().as_ref()])
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {}", bluecrab.display()))
}

async fn measure(built: &build::Built, url: &str, port: u16) -> Result<Report> {
    let admin = format!("127.0.0.1:{port}");
    while tokio::net::TcpStream::connect(&admin).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let options =
        Experiment { app: built.app.clone(), bluecrab: built.bluecrab.clone(), url: url.to_owned(), seed: 2019 };
    experiment::run(&options).await
}

/// Comes back at Ctrl-C or SIGTERM.
async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    drop(tokio::signal::ctrl_c().await);
}

/// Lets the host finish the requests under way; a host that does not end by itself is ended.
async fn stop(mut host: Child) -> Result<()> {
    #[cfg(unix)]
    if let Some(process) = host.id() {
        drop(std::process::Command::new("kill").arg(process.to_string()).status());
        if tokio::time::timeout(Duration::from_secs(15), host.wait()).await.is_ok() {
            return Ok(());
        }
    }
    Ok(host.kill().await?)
}
