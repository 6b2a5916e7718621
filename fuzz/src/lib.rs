//! The fuzz targets. Each function takes any bytes and panics if the code under test is wrong.
//!
//! `cargo xtask fuzz` calls them with inputs from libFuzzer, and `cargo test` calls them with the inputs in `seeds/`.
//! Add every input that has made a target panic to the seeds.

#![allow(clippy::unwrap_used, reason = "a check may fail by a panic")]

#[path = "../../crates/bluecrab-matrix/tests/allocation/mod.rs"]
mod allocation;
mod head;
mod json;
#[path = "../../crates/bluecrab-meter/tests/differential/mod.rs"]
mod meter;
mod npy;
mod number;
mod product;
mod same;
#[path = "../../crates/bluecrab-json/tests/same/mod.rs"]
mod values;

pub use head::head;
pub use json::json;
/// Generates a module, and compares it with its metered copy.
pub use meter::check as meter;
pub use npy::npy;
pub use number::number;
pub use product::product;
/// Reads any text as many types, prints it again, and compares both with serde_json.
pub use values::check as values;

/// A check, with the name of its target.
pub type Check = (&'static str, fn(&[u8]));

/// Every check of this crate.
pub const CHECKS: [Check; 7] = [
    ("json", json),
    ("number", number),
    ("product", product),
    ("npy", npy),
    ("head", head),
    ("values", values),
    ("meter", meter),
];
