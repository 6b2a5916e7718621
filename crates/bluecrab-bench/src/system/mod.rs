//! What the system tells about processes and the machine.

mod background_load;
mod cores;
mod machine;
mod memory_sampler;
mod process;
mod program;

pub use background_load::{CpuReading, LIMIT};
pub use cores::on_cores;
pub use machine::Machine;
pub use memory_sampler::{Memory, MemorySampler};
pub use process::Process;
pub use program::{command, prepare_programs};
