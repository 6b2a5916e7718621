//! Functions measured side by side: scenarios, load, results, reports.
//!
//! What is measured, how, and what the words of the reports mean is in `docs/bench.md`.

mod answers;
mod calls;
mod changes;
mod client;
mod cold;
mod comparer;
mod cost;
mod crossover;
mod fastest;
#[cfg(test)]
mod fixture;
mod fleet;
mod headline;
mod histogram;
pub mod html;
mod load;
mod machine;
pub mod machine_load;
pub mod markdown;
pub mod matrices;
mod neighbour;
mod others;
mod pieces;
mod prices;
pub mod process;
pub mod random;
mod results;
mod rounds;
mod run;
mod scenario;
mod server;
mod server_timing;
mod stages;
mod starts;
mod statistics;
mod summary;
pub mod terminal;
mod turns;
mod watch;

pub use changes::{Changes, changes};
pub use prices::Prices;
pub use results::Results;
pub use run::run;
pub use scenario::Scenario;
