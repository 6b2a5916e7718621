//! Finds the worker that a release carries. `cargo xtask release` puts it there; a checkout uses the folder
//! `npm/worker`.

use std::path::Path;

/// The file, relative to this package.
const WORKER: &str = "worker/nodejsWorker.js";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(bundled_worker)");
    if Path::new(WORKER).is_file() {
        println!("cargo::rustc-cfg=bundled_worker");
        println!("cargo::rerun-if-changed={WORKER}");
    } else {
        // Cargo would run this again at each build if it were told to look at a file that does not exist.
        println!("cargo::rerun-if-changed=build.rs");
    }
}
