//! What a call on a worker thread costs against one on the event loop, one at a time, at several sizes.

use super::{Files, SEED};
use crate::client::Client;
use crate::figures::measured::{Measured, milliseconds};
use crate::figures::spread::Spread;
use crate::fresh;
use crate::host::Host;
use anyhow::{Context, Result, ensure};
use bluecrab_compare::matrices;
use std::fs;
use std::path::Path;

const SIZES: [usize; 7] = [2, 10, 20, 32, 50, 100, 300];
/// A number of as many characters for that of the manifest, so that the module's sections stay where they are.
const DECLARED: &str = r#""inlineUpToBytes":16384"#;
const ALWAYS_INLINE: &str = r#""inlineUpToBytes":16e06"#;
const NEVER_INLINE: &str = r#""inlineUpToBytes":0e000"#;

/// Adds the latency of `multiply-rust` on the event loop and on a worker thread.
pub async fn measure(files: &Files, quick: bool, pool: &mut Measured) -> Result<()> {
    let folders = [tempfile::tempdir()?, tempfile::tempdir()?];
    let mut hosts = Vec::new();
    for (folder, limit) in folders.iter().zip([ALWAYS_INLINE, NEVER_INLINE]) {
        variant(&files.app, folder.path(), limit)?;
        hosts.push(Host::start(&files.bluecrab, folder.path()).await?);
    }
    let clients: Vec<Client> = hosts.iter().map(|host| Client::new(&host.url)).collect();
    for size in SIZES {
        eprintln!("inline and on a thread at {size}x{size}");
        let body = matrices::pair(size, SEED);
        let calls = if size < 100 { 20 } else { 3 };
        let (rounds, warm_up) = if quick { (15, 15) } else { (40, 20) };
        let mut samples = [const { Vec::new() }; 2];
        let (expected, _) = clients[0].call("multiply-rust", Some(&body)).await?;
        for round in 0..warm_up + rounds {
            for (client, samples) in clients.iter().zip(&mut samples) {
                let mut latencies = Vec::new();
                for _ in 0..calls {
                    let (answer, latency) = client.call("multiply-rust", Some(&body)).await?;
                    ensure!(answer == expected, "multiply-rust answers {size}x{size} now this way, now that");
                    latencies.push(milliseconds(latency));
                }
                if round >= warm_up {
                    samples.extend(Spread::of(&latencies).map(|spread| spread.median));
                }
            }
        }
        let [inline, thread] = samples;
        let what = format!("multiply-rust at {size}, {} bytes", body.len());
        pool.milliseconds(format!("{what}: on the event loop"), &inline);
        pool.milliseconds(format!("{what}: on a thread"), &thread);
        pool.line("  the thread costs", " ms", Spread::excess(&thread, &inline));
    }
    for host in hosts {
        host.stop().await?;
    }
    Ok(())
}

/// The app with another limit in its module.
fn variant(app: &Path, folder: &Path, limit: &str) -> Result<()> {
    fresh::variant(app, folder, &["rust"])?;
    for name in ["matrix.wasm", "matrix.relaxed-simd.wasm"] {
        let file = folder.join(name);
        let mut bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let at = bytes.windows(DECLARED.len()).position(|window| window == DECLARED.as_bytes());
        let at = at.with_context(|| format!("{name} does not say {DECLARED}: the benchmark is made for that"))?;
        bytes[at..at + limit.len()].copy_from_slice(limit.as_bytes());
        fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}
