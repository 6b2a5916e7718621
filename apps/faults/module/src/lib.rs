//! Functions that fail, each in its own way, and good functions.

mod fresh;
mod good;
#[cfg(target_family = "wasm")]
mod lies;
mod memory;
mod short;
mod time;
mod traps;
