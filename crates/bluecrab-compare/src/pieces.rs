//! A piece of a round: one function with one payload under one load, or its neighbour alone.

use crate::client::Call;
use crate::histogram::Latencies;
use crate::load::{self, Checked, Measured};
use crate::machine_load::Reading;
use crate::process::Process;
use crate::results::Round;
use crate::scenario::{Load, Neighbour, Scenario};
use crate::server::Server;
use crate::watch::{self, Watch};
use anyhow::{Context, Result};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// What the pieces of a run have in common.
pub struct Pieces<'a> {
    pub scenario: &'a Scenario,
    /// When the run began.
    pub origin: Instant,
    /// The process that started all that serves calls, so that the rest are other programs; nothing where an app was started
    /// by somebody else.
    pub client: Option<u32>,
}

impl Pieces<'_> {
    /// A function under a load, with the neighbour beside it.
    pub async fn under_load(&self, server: &Server, call: &Arc<Checked>, load: Load) -> Result<Round> {
        let neighbour = match &self.scenario.neighbour {
            Some(neighbour) => Some(self.call_neighbour(server, neighbour).await?),
            None => None,
        };
        let looks = self.look(server);
        let measured = load::run(call, load, self.scenario.time).await;
        let used = looks.end();
        let neighbour = match neighbour {
            Some(neighbour) => Some(neighbour.stop().await?),
            None => None,
        };
        let round = used.round(measured?, neighbour).await?;
        call.settle().await?;
        Ok(round)
    }

    /// The neighbour of a function without load, for as long as under one.
    pub async fn neighbour_alone(&self, server: &Server, neighbour: &Neighbour) -> Result<Round> {
        let calling = self.call_neighbour(server, neighbour).await?;
        let (looks, started) = (self.look(server), Instant::now());
        tokio::time::sleep(self.scenario.time).await;
        let (used, seconds) = (looks.end(), started.elapsed().as_secs_f64());
        let latencies = calling.stop().await?;
        used.round(Measured { latencies, seconds }, None).await
    }

    /// Calls the neighbour once, then again and again.
    async fn call_neighbour(&self, server: &Server, neighbour: &Neighbour) -> Result<Calling> {
        let url = format!("{}{}", server.url, neighbour.path);
        let call = Call::new(None, &url, [], None, self.scenario.call_limit)?;
        call.send().await.context("the neighbour")?;
        let (stop, stopped) = oneshot::channel();
        let calling = tokio::spawn(load::neighbour(call, neighbour.every, stopped));
        Ok(Calling { stop, calling })
    }

    fn look(&self, server: &Server) -> Looks {
        let watch = server.worker.map(|worker| Watch::start(worker, self.origin));
        let machine = self.client.and_then(|client| Some((client, Reading::now(client)?)));
        Looks { worker: server.worker, watch, machine, cpu: server.worker.and_then(Process::cpu_seconds) }
    }
}

/// Calls of the neighbour that go on until they are stopped.
struct Calling {
    stop: oneshot::Sender<()>,
    calling: JoinHandle<Result<Latencies>>,
}

impl Calling {
    async fn stop(self) -> Result<Latencies> {
        // Where nobody listens, there is nothing to stop.
        let _ = self.stop.send(());
        self.calling.await?.context("the neighbour")
    }
}

/// What processes have used when a piece begins.
struct Looks {
    worker: Option<Process>,
    watch: Option<Watch>,
    machine: Option<(u32, Reading)>,
    cpu: Option<f64>,
}

impl Looks {
    /// To be called when the load has ended.
    fn end(self) -> Used {
        let cpu = self.worker.and_then(Process::cpu_seconds);
        let others = self.machine.and_then(|(client, before)| Reading::now(client)?.others_since(&before));
        Used {
            worker: self.worker,
            watch: self.watch,
            cpu_seconds: cpu.zip(self.cpu).map(|(after, before)| after - before),
            others_share: others.map(|others| others.share),
            disturbed: others.is_some_and(|others| others.disturb),
        }
    }
}

/// What they used of it.
struct Used {
    worker: Option<Process>,
    watch: Option<Watch>,
    cpu_seconds: Option<f64>,
    others_share: Option<f64>,
    disturbed: bool,
}

impl Used {
    async fn round(self, measured: Measured, neighbour: Option<Latencies>) -> Result<Round> {
        let (memory_mean, memory) = match self.watch {
            Some(watch) => watch.end().await?,
            None => (None, Vec::new()),
        };
        Ok(Round {
            number: None,
            others_share: self.others_share,
            disturbed: self.disturbed,
            seconds: measured.seconds,
            latencies: measured.latencies,
            cpu_seconds: self.cpu_seconds,
            memory_peak: watch::peak(&memory),
            memory_after: self.worker.and_then(Process::resident_bytes),
            memory_mean,
            memory,
            neighbour,
        })
    }
}
