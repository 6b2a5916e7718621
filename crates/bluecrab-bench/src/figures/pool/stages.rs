//! Where the processor time of a call goes: the client, the host, the event loop, the worker threads.

use crate::process;
use anyhow::Result;

/// Who takes part in a call over HTTP, in the order of the times.
pub const STAGES: [&str; 5] = ["this client", "the host", "the event loop", "the worker threads", "V8's helpers"];

/// Processor seconds up to now, by stage.
#[derive(Debug, Clone, Copy)]
pub struct Stages([f64; 5]);

/// The processes that take part.
#[derive(Debug, Clone, Copy)]
pub struct Processes {
    pub host: u64,
    pub worker: u64,
    pub threads: usize,
}

impl Stages {
    /// Reads the times of the processes and their threads; nothing where the system does not tell.
    pub fn now(processes: Processes) -> Result<Option<Self>> {
        let (Some(client), Some(host), Some(worker)) = (
            process::thread_seconds(std::process::id().into())?,
            process::thread_seconds(processes.host)?,
            process::thread_seconds(processes.worker)?,
        ) else {
            return Ok(None);
        };
        let sum = |threads: &[(u64, f64)]| threads.iter().map(|(_, seconds)| seconds).sum::<f64>();
        let event_loop = sum(&worker.iter().copied().filter(|(id, _)| *id == processes.worker).collect::<Vec<_>>());
        let mut others: Vec<f64> =
            worker.iter().filter(|(id, _)| *id != processes.worker).map(|(_, seconds)| *seconds).collect();
        // The threads of the pool are the busiest; those of V8 compile and collect for all.
        others.sort_unstable_by(|one, two| two.total_cmp(one));
        let pool = others.iter().take(processes.threads).sum::<f64>();
        let helpers = others.iter().skip(processes.threads).sum::<f64>();
        Ok(Some(Self([sum(&client), sum(&host), event_loop, pool, helpers])))
    }

    /// Milliseconds for each of so many calls since then.
    pub fn since(self, then: Self, calls: f64) -> [f64; 5] {
        std::array::from_fn(|stage| (self.0[stage] - then.0[stage]) * 1000.0 / calls)
    }
}
