//! Draws conclusions from results: summaries, verdicts, costs.

pub mod answer;
pub mod changes;
pub mod cost;
pub mod crossover;
pub mod prices;
pub mod stages;
pub mod statistics;
pub mod summary;
pub mod warnings;
