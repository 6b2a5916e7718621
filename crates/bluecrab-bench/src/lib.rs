//! Measures functions side by side: scenarios, load, results, reports. `docs/internals/measuring.md` describes the
//! method.
//!
//! Each module imports only from those before it: `scenario`, `system`, `results`, `measure`, `analysis`, `report`.

mod analysis;
mod measure;
pub mod report;
mod results;
mod scenario;
mod system;

pub use analysis::changes::{Changes, changes};
pub use analysis::prices::Prices;
pub use measure::run;
pub use results::Results;
pub use scenario::Scenario;
pub use system::prepare_programs;
