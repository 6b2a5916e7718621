//! The plots of a report with the words below them, a file for each topic.

mod costs;
mod figure;
mod latency;
mod memory;
mod stages;
mod starts;
mod throughput;

pub use costs::costs;
pub use figure::Figure;
pub use latency::{distributions, probe, sweeps};
pub use memory::memory;
pub use stages::stages;
pub use starts::starts;
pub use throughput::{processor, throughput};
