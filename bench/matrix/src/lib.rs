//! The stages of a product one by one: what `cargo xtask bench-matrix` times and `cargo xtask equality` compares.
//!
//! As a WebAssembly module it exports the stages over one body that it keeps; natively it is a library for the program
//! of the same name.

pub mod numbers;

#[cfg(target_family = "wasm")]
mod exports;
#[cfg(target_family = "wasm")]
mod peak;
