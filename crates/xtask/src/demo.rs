//! The demonstration: the comparison of 2019 on this machine, then the flagship app to try.

use crate::command::{program, root, step};
use crate::{build, setup};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::net::{Ipv4Addr, TcpListener};

/// The options of the demonstration.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask demo --once")]
pub struct DemoArgs {
    /// The port to serve on
    #[arg(long, default_value_t = 7071)]
    port: u16,
    /// End after the comparison instead of serving the app
    #[arg(long)]
    once: bool,
}

/// What the developer reported in 2019.
const IN_2019: &str = "\
In 2019 a developer compared Math.js with Rust in the same way: 9 ms and 9 ms for 2x2 matrices, 3.2 s and 1.2 s for 300x300
matrices, 126 MB and 122 MB of memory.";

/// Sets up, builds, measures, and serves.
pub fn run(arguments: &DemoArgs) -> Result<()> {
    let port = arguments.port;
    if !arguments.once {
        check_port(port)?;
    }
    setup::run()?;
    let built = build::run()?;
    let bluecrab = built.bluecrab.to_string_lossy();
    let mut bench = program(&bluecrab, &["bench"]);
    bench.arg(root().join("scenarios/demo.toml"));
    step("Compare Math.js and Rust over HTTP", bench)?;
    println!("\n{IN_2019}");
    if arguments.once {
        return Ok(());
    }
    let json = "--json '[[[1,2],[3,4]],[[5,6],[7,8]]]'";
    println!("\nTry it:\n\n    curl http://localhost:{port}/api/multiply-rust {json}\n");
    let mut serve = program(&bluecrab, &["dev"]);
    serve.arg(&built.app).arg("--port").arg(port.to_string());
    step("Serve the app until Ctrl-C", serve)
}

/// Fails before the build if the port is in use.
fn check_port(port: u16) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bail!("port {port} is in use: end the program that uses it, or choose another with --port {}", port + 1)
        }
        Err(error) => Err(error).with_context(|| format!("cannot listen on port {port}: choose another with --port")),
    }
}
