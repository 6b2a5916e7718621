//! Functions that only move bytes, through the local host, against the same over bare node:http.

use super::Files;
use super::turns::Turns;
use crate::client::Client;
use crate::figures::measured::Measured;
use crate::figures::row::Row;
use crate::figures::spread::Spread;
use crate::host::Host;
use anyhow::{Context, Result, ensure};
use bluecrab_compare::matrices;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// As many bytes as the product of two 300x300 matrices of random decimals has.
const PRODUCT_BYTES: usize = 1_730_000;
const FUNCTIONS: [&str; 2] = ["echo-node", "echo-rust"];

/// Adds what it costs to move the bytes.
pub async fn measure(files: &Files, quick: bool, http: &mut Measured) -> Result<()> {
    let host = Host::start(&files.bluecrab, &files.echo).await?;
    let client = Client::new(&host.url);
    let (_bare, url) = start_bare(files).await?;
    let bare = Client::new(&url);
    let body = matrices::pair(300, 2019);
    let megabytes = |bytes: usize| format!("{:.1} MB", bytes as f64 / 1e6);
    for answer in [body.len(), PRODUCT_BYTES] {
        let shape = format!("{} in, {} out", megabytes(body.len()), megabytes(answer));
        eprintln!("over HTTP, {shape}");
        let (warm_up, rounds) = if quick { (4, 5) } else { (5, 20) };
        let call = async |contender| {
            let function = FUNCTIONS.get(contender).copied().unwrap_or("bare");
            let client = if contender < FUNCTIONS.len() { &client } else { &bare };
            let (bytes, latency) = client.call(&format!("{function}?bytes={answer}"), Some(&body)).await?;
            ensure!(bytes == body[..answer], "{function} does not answer the bytes that it was sent");
            Ok(latency)
        };
        let [node, rust, bare] = &Turns { warm_up, rounds, calls: 5 }.take(call).await?.measured;
        for (what, latencies) in [("bare node:http", bare), ("echo-node", node), ("echo-rust", rust)] {
            http.line(format!("{what}, {shape}"), " ms", Spread::of(latencies));
        }
        // What the library takes by itself, here as on the platform: for comparison, nothing that Bluecrab aims at.
        let what = format!("echo-node, {shape}, above bare node:http");
        http.line(what, " ms", Spread::excess(node, bare));
        let what = format!("a function that moves {shape}, above bare node:http");
        http.row(Row::less(what, " ms", [4.0, 10.0], Spread::excess(rust, bare)));
    }
    host.stop().await
}

/// Starts the server over bare node:http; gives its address.
async fn start_bare(files: &Files) -> Result<(Child, String)> {
    let mut command = Command::new("node");
    command.arg(&files.bare).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().context("cannot start node")?;
    let stdout = child.stdout.take().context("a process without standard output")?;
    let port = BufReader::new(stdout).lines().next_line().await?.context("the bare server names no port")?;
    Ok((child, format!("http://127.0.0.1:{port}")))
}
