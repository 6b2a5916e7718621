//! The worker process and the stream to it.

mod by_hand;
mod channel;
mod debugger;
mod function;
#[cfg(unix)]
mod group;
mod launch;
mod process;
mod running;
mod streams;
mod supervisor;

pub use by_hand::run_by_hand;
pub use channel::{Invocation, WorkerGone};
pub use function::Function;
pub use launch::Launcher;
pub use process::WorkerCommand;
pub use supervisor::{Supervisor, Worker, WorkerState};
