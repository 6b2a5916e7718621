//! The attributes of functions, and the derive macros for inputs and outputs.

mod bindings;
mod events;
mod http;
mod other;
mod storage;
mod timer;
mod tool;

pub use bindings::{Inputs, Outputs};
pub use events::{cosmos_db, event_grid, event_hub, service_bus};
pub use http::http;
pub use other::{callable, trigger};
pub use storage::{blob, queue};
pub use timer::timer;
pub use tool::{ToolArguments, mcp_tool};
