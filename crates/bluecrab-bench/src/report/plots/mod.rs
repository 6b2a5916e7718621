//! The plots of a report with the words below them, a file for each kind.

mod bars;
mod figure;
mod latency;
mod stages;

pub use bars::{costs, memory, processor, starts, throughput};
pub use figure::Figure;
pub use latency::{distributions, probe, sweeps};
pub use stages::stages;
