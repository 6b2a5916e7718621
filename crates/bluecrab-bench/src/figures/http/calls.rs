//! Calls of the flagship app, one at a time: the functions in turn, and a worker without the host beside them.

use super::Files;
use super::direct::Direct;
use super::turns::Turns;
use crate::agreement;
use crate::client::Client;
use crate::figures::measured::Measured;
use crate::figures::row::Row;
use crate::figures::spread::Spread;
use crate::host::Host;
use anyhow::{Result, ensure};
use bluecrab_compare::matrices;

const SEED: u64 = 2019;
/// Rounds of small calls in which the engine has not optimised yet what they run.
const FIRST_ROUNDS: usize = 20;
const NPY: [(&str, &str); 2] = [("content-type", "application/x-npy"), ("accept", "application/x-npy")];

/// Adds what calls of the flagship app cost.
pub async fn measure(files: &Files, quick: bool, http: &mut Measured) -> Result<()> {
    let host = Host::start(&files.bluecrab, &files.app).await?;
    let client = Client::new(&host.url);
    let direct = Direct::start(&files.worker, &files.app).await?;
    large(&client, quick, http).await?;
    small(&client, &direct, quick, http).await?;
    host.stop().await
}

/// 300x300: Math.js, Rust, and Rust with NumPy's format.
async fn large(client: &Client, quick: bool, http: &mut Measured) -> Result<()> {
    let (json, npy) = (matrices::pair(300, SEED), matrices::npy_pair(300, SEED));
    eprintln!("over HTTP at 300x300");
    let turns = Turns { warm_up: 5, rounds: if quick { 5 } else { 24 }, calls: 7 };
    let (expected, _) = client.call("multiply-mathjs", Some(&json)).await?;
    let call = async |contender| {
        let (answer, latency) = match contender {
            0 => client.call("multiply-mathjs", Some(&json)).await?,
            1 => client.call("multiply-rust", Some(&json)).await?,
            _ => {
                let (answer, latency) = client.call_with("multiply-rust", Some(&npy), &NPY).await?;
                ensure!(answer.starts_with(b"\x93NUMPY"), "multiply-rust does not answer {} in kind", NPY[0].1);
                return Ok(latency);
            }
        };
        agreement::same_bytes("multiply-rust", &answer, &expected)?;
        Ok(latency)
    };
    let [mathjs, rust, npy] = turns.take(call).await?.measured;
    http.line("multiply-mathjs at 300x300", " ms", Spread::of(&mathjs));
    http.line("multiply-rust at 300x300", " ms", Spread::of(&rust));
    http.line("multiply-rust at 300x300 with .npy", " ms", Spread::of(&npy));
    let ratio = Spread::ratio(&mathjs, &rust);
    http.row(Row::more("over HTTP at 300, multiply-mathjs / multiply-rust", "x", [10.0, 6.0], ratio));
    let ratio = Spread::ratio(&rust, &npy);
    http.row(Row::more("over HTTP at 300, .npy against JSON", "x", [3.0, 2.0], ratio));
    Ok(())
}

/// 2x2: the empty function and the product through the host, and the product of a worker that is called directly.
///
/// Both functions are measured when the engine has optimised them, and in the first rounds besides.
async fn small(client: &Client, direct: &Direct, quick: bool, http: &mut Measured) -> Result<()> {
    let body = matrices::pair(2, SEED);
    let (warm_up, rounds) = if quick { (60, 20) } else { (200, 60) };
    let turns = Turns { warm_up, rounds, calls: 25 };
    eprintln!("over HTTP at 2x2");
    let (expected, _) = client.call("multiply-rust", Some(&body)).await?;
    let call = async |contender| {
        let (answer, latency) = match contender {
            0 => return Ok(client.call("hello-node", None).await?.1),
            1 => client.call("multiply-rust", Some(&body)).await?,
            _ => direct.call("multiply-rust", Some(&body)).await?,
        };
        ensure!(answer == expected, "multiply-rust answers 2x2 now this way, now that");
        Ok(latency)
    };
    let samples = turns.take(call).await?;
    let [hello, rust, _] = &samples.warm_up;
    let first = Spread::ratio(&rust[..FIRST_ROUNDS], &hello[..FIRST_ROUNDS]);
    let [hello, rust, without_host] = &samples.measured;
    http.line("hello-node", " ms", Spread::of(hello));
    http.line("multiply-rust at 2x2", " ms", Spread::of(rust));
    http.line("multiply-rust at 2x2, the worker called directly", " ms", Spread::of(without_host));
    http.line(
        format!("multiply-rust / hello-node in the first {} calls at 2x2", FIRST_ROUNDS * turns.calls),
        "x",
        first,
    );
    let ratio = Spread::ratio(rust, hello);
    http.row(Row::less("over HTTP at 2, multiply-rust / hello-node", "x", [1.02, 1.1], ratio));
    let share = Spread::excess(rust, without_host);
    http.row(Row::less("the host's own share of a 2x2 call", " ms", [0.15, 0.4], share));
    Ok(())
}
