//! Functions measured side by side: scenarios, load, results, reports.
//!
//! What is measured, how, and what the words of the reports mean is in `docs/bench.md`.

mod answers;
mod changes;
mod client;
mod cost;
mod crossover;
#[cfg(test)]
mod fixture;
mod headline;
mod histogram;
pub mod html;
mod load;
mod machine;
mod prices;
mod process;
mod results;
mod run;
mod scenario;
mod server;
mod starts;
mod statistics;
mod summary;
pub mod terminal;

pub use changes::{Changes, changes};
pub use prices::Prices;
pub use results::Results;
pub use run::run;
pub use scenario::Scenario;
