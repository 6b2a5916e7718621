//! Functions that are at fault, each in one way, and a good one beside them.

mod good;
#[cfg(target_family = "wasm")]
mod lies;
mod memory;
mod time;
mod traps;
