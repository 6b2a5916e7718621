//! What any input is held against. Each function takes whatever bytes there are, and panics where the code is wrong.
//!
//! `cargo xtask fuzz` calls them with inputs that libFuzzer makes up, `cargo test` with those in `seeds/`: an input that
//! has once made one of them panic belongs there.

#![allow(clippy::unwrap_used, reason = "a check may fail by a panic")]

#[path = "../../crates/bluecrab-matrix/tests/allocation/mod.rs"]
mod allocation;
mod head;
mod json;
mod npy;
mod number;
mod product;

pub use head::head;
pub use json::json;
pub use npy::npy;
pub use number::number;
pub use product::product;

/// A check, by the name of its target.
pub type Check = (&'static str, fn(&[u8]));

/// All of them.
pub const CHECKS: [Check; 5] = [("json", json), ("number", number), ("product", product), ("npy", npy), ("head", head)];

/// The same numbers; whatever is not a number is the same.
fn same(one: f64, two: f64) -> bool {
    one.to_bits() == two.to_bits() || (one.is_nan() && two.is_nan())
}
