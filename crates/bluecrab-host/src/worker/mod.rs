//! The worker process and the connections to it.

mod bundled;
mod channel;
mod debugger;
mod function;
mod http_connection;
mod http_pool;
mod launch;
mod outgoing;
mod process;
mod running;
mod state;
mod streams;
mod supervisor;

pub use bundled::{IS_RELEASE, cache_folder};
pub use channel::{Channel, Invocation, NotSent};
pub use function::{Function, TriggerKind};
pub use http_connection::{Connection, MAX_RESPONSE_FIELDS};
pub use http_pool::HttpPool;
pub use launch::Launcher;
pub use process::WorkerCommand;
pub use state::{Worker, WorkerState};
pub use supervisor::Supervisor;
