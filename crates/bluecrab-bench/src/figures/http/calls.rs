//! Calls of the flagship app, one at a time: the functions in turn, and a worker without the host beside them.

use super::Files;
use super::direct::Direct;
use crate::agreement;
use crate::client::Client;
use crate::figures::measured::{Measured, milliseconds};
use crate::figures::row::{Found, Row};
use crate::figures::spread::Spread;
use crate::host::Host;
use anyhow::{Result, ensure};
use bluecrab_compare::matrices;
use bytes::Bytes;

const SEED: u64 = 2019;
/// Rounds of small calls in which the engine has not optimised yet what they run.
const FIRST_ROUNDS: usize = 20;
const NPY: [(&str, &str); 2] = [("content-type", "application/x-npy"), ("accept", "application/x-npy")];
const NO_NPY: &str = "not there: multiply-rust does not take application/x-npy";

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
    let with_npy = takes_npy(client, &npy).await;
    let (rounds, warm_up) = if quick { (7, 5) } else { (25, 10) };
    let mut latencies = [const { Vec::new() }; 3];
    for round in 0..warm_up + rounds {
        eprintln!("over HTTP at 300x300: round {} of {}", round + 1, warm_up + rounds);
        let (expected, mathjs) = client.call("multiply-mathjs", Some(&json)).await?;
        let (answer, rust) = client.call("multiply-rust", Some(&json)).await?;
        agreement::same_bytes("multiply-rust", &answer, &expected)?;
        let binary = if with_npy { Some(client.call_with("multiply-rust", Some(&npy), &NPY).await?.1) } else { None };
        if round >= warm_up {
            latencies[0].push(milliseconds(mathjs));
            latencies[1].push(milliseconds(rust));
            latencies[2].extend(binary.map(milliseconds));
        }
    }
    let [mathjs, rust, npy] = latencies;
    let npy_found = |found: Option<_>| found.map_or_else(|| Found::Not(NO_NPY.to_owned()), Found::Measured);
    http.line("multiply-mathjs at 300x300", " ms", Spread::of(&mathjs));
    http.line("multiply-rust at 300x300", " ms", Spread::of(&rust));
    http.line("multiply-rust at 300x300 with .npy", " ms", npy_found(Spread::of(&npy)));
    let ratio = Spread::ratio(&mathjs, &rust);
    http.row(Row::more("over HTTP at 300, multiply-mathjs / multiply-rust", "x", [10.0, 6.0], ratio));
    let ratio = npy_found(Spread::ratio(&rust, &npy));
    http.row(Row::more("over HTTP at 300, .npy against JSON", "x", [3.0, 2.0], ratio));
    Ok(())
}

/// Whether the function answers NumPy's format in kind.
async fn takes_npy(client: &Client, body: &Bytes) -> bool {
    let answer = client.call_with("multiply-rust", Some(body), &NPY).await;
    answer.is_ok_and(|(answer, _)| answer.starts_with(b"\x93NUMPY"))
}

/// 2x2: the empty function and the product through the host, and the product of a worker that is called directly.
///
/// Both functions are measured when the engine has optimised them, and in the first rounds besides.
async fn small(client: &Client, direct: &Direct, quick: bool, http: &mut Measured) -> Result<()> {
    let body = matrices::pair(2, SEED);
    let (rounds, warm_up, calls) = if quick { (20, 60, 25) } else { (60, 200, 25) };
    // A sample is the median of a round's calls.
    let mut samples = [const { Vec::new() }; 3];
    let (expected, _) = client.call("multiply-rust", Some(&body)).await?;
    for _ in 0..warm_up + rounds {
        for (contender, samples) in samples.iter_mut().enumerate() {
            let mut latencies = Vec::new();
            for _ in 0..calls {
                let (answer, latency) = match contender {
                    0 => client.call("hello-node", None).await?,
                    1 => client.call("multiply-rust", Some(&body)).await?,
                    _ => direct.call("multiply-rust", Some(&body)).await?,
                };
                ensure!(contender == 0 || answer == expected, "multiply-rust answers 2x2 now this way, now that");
                latencies.push(milliseconds(latency));
            }
            samples.extend(Spread::of(&latencies).map(|spread| spread.median));
        }
    }
    let [hello, rust, without_host] = &samples;
    let first = Spread::ratio(&rust[..FIRST_ROUNDS], &hello[..FIRST_ROUNDS]);
    let [hello, rust, without_host] = [hello, rust, without_host].map(|samples| &samples[warm_up..]);
    http.line("hello-node", " ms", Spread::of(hello));
    http.line("multiply-rust at 2x2", " ms", Spread::of(rust));
    http.line("multiply-rust at 2x2, the worker called directly", " ms", Spread::of(without_host));
    http.line(format!("multiply-rust / hello-node in the first {} calls at 2x2", FIRST_ROUNDS * calls), "x", first);
    let ratio = Spread::ratio(rust, hello);
    http.row(Row::less("over HTTP at 2, multiply-rust / hello-node", "x", [1.02, 1.1], ratio));
    let share = Spread::excess(rust, without_host);
    http.row(Row::less("the host's own share of a 2x2 call", " ms", [0.15, 0.4], share));
    Ok(())
}
