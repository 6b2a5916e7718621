//! Where the processor time of a call goes: the client, the host, the event loop, the worker threads.

use crate::process;
use anyhow::Result;
use bluecrab_compare::process::Process;

/// Who takes part in a call over HTTP, in the order of the times.
pub const STAGES: [&str; 5] = ["this client", "the host", "the event loop", "the worker threads", "V8's helpers"];

/// The processor seconds of each stage up to a moment.
#[derive(Debug, Clone, Copy)]
pub struct Stages([f64; STAGES.len()]);

/// The processes that take part.
#[derive(Debug, Clone, Copy)]
pub struct Processes {
    pub host: Process,
    pub worker: Process,
    pub threads: usize,
}

impl Stages {
    /// Reads the times; nothing where the system does not tell.
    pub fn now(processes: Processes) -> Result<Option<Self>> {
        let (Some(client), Some(host), Some(worker)) = (
            process::thread_seconds(Process(std::process::id()))?,
            process::thread_seconds(processes.host)?,
            process::thread_seconds(processes.worker)?,
        ) else {
            return Ok(None);
        };
        let sum = |threads: &[(u32, f64)]| threads.iter().map(|(_, seconds)| seconds).sum::<f64>();
        let (main, mut others): (Vec<_>, Vec<_>) = worker.into_iter().partition(|(id, _)| *id == processes.worker.0);
        // The threads of the pool are the busiest; those of V8 compile and collect for all.
        others.sort_unstable_by(|(_, one), (_, two)| two.total_cmp(one));
        let (pool, helpers) = others.split_at(processes.threads.min(others.len()));
        Ok(Some(Self([sum(&client), sum(&host), sum(&main), sum(pool), sum(helpers)])))
    }

    /// Milliseconds for each of so many calls since then.
    pub fn since(self, then: Self, calls: f64) -> [f64; STAGES.len()] {
        std::array::from_fn(|stage| (self.0[stage] - then.0[stage]) * 1000.0 / calls)
    }
}
