//! Where the processor time of a call goes: the client, the host, the event loop, the worker threads.

use crate::process;
use anyhow::Result;
use bluecrab_compare::process::Process;
use std::time::Instant;

/// Who takes part in a call over HTTP, in the order of the times.
pub const STAGES: [&str; 5] = ["this client", "the host", "the event loop", "the worker threads", "V8's helpers"];

/// The processor seconds of each stage up to a moment, and those of all processes of the machine.
#[derive(Debug, Clone, Copy)]
pub struct Stages {
    seconds: [f64; STAGES.len()],
    machine: f64,
    at: Instant,
}

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
        let (Some(client), Some(host), Some(worker), Some(machine)) = (
            process::thread_seconds(Process(std::process::id()))?,
            process::thread_seconds(processes.host)?,
            process::thread_seconds(processes.worker)?,
            process::machine_seconds()?,
        ) else {
            return Ok(None);
        };
        let sum = |threads: &[(u32, f64)]| threads.iter().map(|(_, seconds)| seconds).sum::<f64>();
        let (main, mut others): (Vec<_>, Vec<_>) = worker.into_iter().partition(|(id, _)| *id == processes.worker.0);
        // The threads of the pool are the busiest; those of V8 compile and collect for all.
        others.sort_unstable_by(|(_, one), (_, two)| two.total_cmp(one));
        let (pool, helpers) = others.split_at(processes.threads.min(others.len()));
        let seconds = [sum(&client), sum(&host), sum(&main), sum(pool), sum(helpers)];
        Ok(Some(Self { seconds, machine, at: Instant::now() }))
    }

    /// Milliseconds for each of so many calls since then.
    pub fn since(self, then: Self, calls: f64) -> [f64; STAGES.len()] {
        std::array::from_fn(|stage| (self.seconds[stage] - then.seconds[stage]) * 1000.0 / calls)
    }

    /// The share of the machine's processors that other programs have taken since then.
    pub fn others_since(self, then: Self) -> f64 {
        let own = |stages: Self| stages.seconds.iter().sum::<f64>();
        let others = (self.machine - then.machine) - (own(self) - own(then));
        let processors = std::thread::available_parallelism().map_or(1, usize::from) as f64;
        others.max(0.0) / (processors * (self.at - then.at).as_secs_f64())
    }
}
