//! Measures one piece of a round: a function under a load, or the probe alone, and what the processes use meanwhile.

use super::client::Call;
use super::load::{self, LoadResult};
use super::server::Server;
use super::verified_call::VerifiedCall;
use crate::results::{Latencies, Round};
use crate::scenario::{Load, Probe, Scenario};
use crate::system::{CpuReading, Memory, MemorySampler, Process};
use anyhow::{Context, Result};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// What the pieces of a run share.
pub struct Sampler<'a> {
    pub scenario: &'a Scenario,
    /// Whether we started all servers, so that other processes are background load.
    pub is_ours: bool,
}

impl Sampler<'_> {
    /// Measures a function under a load, and the probe at the same time.
    pub async fn under_load(&self, server: &Server, call: &Arc<VerifiedCall>, load: Load) -> Result<Round> {
        let probe = match &self.scenario.probe {
            Some(probe) => Some(self.start_probe(server, probe).await?),
            None => None,
        };
        let resources = self.resources(server);
        let measured = load::run(call, load, self.scenario.time, self.scenario.fewest_calls()).await;
        let used = resources.end().await;
        let probe = match probe {
            Some(probe) => Some(probe.stop().await?),
            None => None,
        };
        let LoadResult { latencies, seconds } = measured?;
        call.verify_pending().await?;
        Ok(Round { latencies, seconds, probe, ..used? })
    }

    /// Measures the probe without any load.
    pub async fn probe_alone(&self, server: &Server, probe: &Probe) -> Result<Round> {
        let running = self.start_probe(server, probe).await?;
        let (resources, started) = (self.resources(server), Instant::now());
        tokio::time::sleep(self.scenario.time).await;
        let seconds = started.elapsed().as_secs_f64();
        let used = resources.end().await;
        Ok(Round { latencies: running.stop().await?, seconds, ..used? })
    }

    async fn start_probe(&self, server: &Server, probe: &Probe) -> Result<RunningProbe> {
        let call = Call::get(&format!("{}{}", server.url, probe.path), self.scenario.call_limit)?;
        // The first call opens the connection and is not counted.
        call.send().await.context("the probe")?;
        let (stop, stopped) = oneshot::channel();
        let calling = tokio::spawn(load::probe(call, probe.every, stopped));
        Ok(RunningProbe { stop, calling })
    }

    fn resources(&self, server: &Server) -> ResourceMeter {
        ResourceMeter {
            worker: server.worker,
            host: server.host(),
            memory: server.worker.map(MemorySampler::start),
            machine: self.is_ours.then(CpuReading::now).flatten(),
            cpu: server.worker.and_then(Process::cpu_seconds),
            host_cpu: server.host().and_then(Process::cpu_seconds),
        }
    }
}

/// The task that calls the probe until it is stopped.
struct RunningProbe {
    stop: oneshot::Sender<()>,
    calling: JoinHandle<Result<Latencies>>,
}

impl RunningProbe {
    async fn stop(self) -> Result<Latencies> {
        // The receiver is gone only if the calls have failed, which the await reports.
        let _ = self.stop.send(());
        self.calling.await?.context("the probe")
    }
}

/// The state of processes at the start of a piece.
struct ResourceMeter {
    worker: Option<Process>,
    host: Option<Process>,
    memory: Option<MemorySampler>,
    machine: Option<CpuReading>,
    cpu: Option<f64>,
    host_cpu: Option<f64>,
}

impl ResourceMeter {
    /// Returns what the processes used until now.
    async fn end(self) -> Result<Round> {
        let since = |process: Option<Process>, before: Option<f64>| Some(process?.cpu_seconds()? - before?);
        let background_load = self.machine.and_then(|before| Some(CpuReading::now()?.background_since(&before)));
        let (cpu_seconds, host_cpu_seconds) = (since(self.worker, self.cpu), since(self.host, self.host_cpu));
        let memory = match self.memory {
            Some(sampler) => sampler.finish().await?,
            None => Memory::default(),
        };
        Ok(Round {
            background_load,
            cpu_seconds,
            host_cpu_seconds,
            host_memory: self.host.and_then(Process::resident_bytes),
            memory_peak: memory.peak,
            memory_after: self.worker.and_then(Process::resident_bytes),
            memory_mean: memory.mean,
            ..Round::default()
        })
    }
}
