//! The experiment: the same matrix multiplication in Node.js with Math.js and in Rust, over HTTP, measured side by side.

mod agreement;
mod client;
pub mod experiment;
pub mod figures;
mod fresh;
mod host;
mod process;
mod report;
mod samples;
pub mod soak;

pub use report::Report;
