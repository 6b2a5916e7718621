//! A worker that runs: until it ends by itself, or is told to.

use super::channel::Channel;
use super::debugger::Debugger;
use super::process::WorkerProcess;
use super::state::Worker;
use crate::console;
use bluecrab_rpc::{Content, WorkerTerminate};
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How long a worker may take to end.
const GRACE: Duration = Duration::from_secs(5);
const PROBE_EVERY: Duration = Duration::from_secs(10);
/// How long the calls of a worker may take for which there is a successor.
const LAST_CALLS: Duration = Duration::from_secs(60);
/// Exit code by which a worker asks to be started again.
const RESTART_CODE: i32 = 200;

/// A worker and its process, which ends when this is dropped.
pub struct Running {
    pub worker: Arc<Worker>,
    pub process: WorkerProcess,
    /// When its process was started.
    pub started: Instant,
}

impl Running {
    /// Waits until it has ended, or its event loop has stood still for too long; says which.
    pub async fn ended(&mut self, worker_timeout: Duration) -> String {
        let debugger = Arc::clone(self.process.debugger());
        tokio::select! {
            status = self.process.wait() => exited(status),
            () = self.worker.channel.closed() => {
                let status = tokio::time::timeout(GRACE, self.process.wait()).await;
                status.map_or_else(|_| "the worker closed its stream".to_owned(), exited)
            }
            () = hung(&self.worker.channel, &debugger, worker_timeout) => {
                format!("the worker's event loop stood still for {} s", worker_timeout.as_secs())
            }
        }
    }

    /// Asks it to end, and ends it if it does not; what it has started ends with it.
    pub async fn terminate(mut self) {
        let grace_period =
            prost_types::Duration { seconds: GRACE.as_secs().cast_signed(), nanos: GRACE.subsec_nanos().cast_signed() };
        let terminate = WorkerTerminate { grace_period: Some(grace_period) };
        self.worker.channel.tell(Content::WorkerTerminate(terminate));
        drop(tokio::time::timeout(GRACE, self.process.wait()).await);
        self.process.kill().await;
    }

    /// Ends it when the calls that it has are over, or when the host stops.
    pub async fn retire(self, stopping: CancellationToken) {
        tokio::select! {
            () = self.is_idle() => {}
            () = self.last_calls_are_late() => console::error(&format!(
                "calls of the code before the change ({}) have not ended after {} s: they are broken off",
                // Without one, a client still reads what the worker has answered.
                self.worker.channel.running().max(1),
                LAST_CALLS.as_secs()
            )),
            () = stopping.cancelled() => {}
        }
        self.terminate().await;
    }

    /// Waits as long as its last calls may take: without end, if a debugger may have stopped one of them.
    async fn last_calls_are_late(&self) {
        tokio::time::sleep(LAST_CALLS).await;
        if self.process.debugger().is_attached() {
            std::future::pending().await
        }
    }

    /// Waits until no call needs the worker.
    async fn is_idle(&self) {
        self.worker.calls.close();
        tokio::select! {
            () = self.worker.calls.wait() => {}
            () = self.worker.channel.closed() => {}
        }
    }
}

/// How a worker's process has ended.
pub fn exited(status: std::io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) if status.code() == Some(RESTART_CODE) => "the worker asked to be started again".to_owned(),
        Ok(status) => format!("the worker ended ({status})"),
        Err(error) => format!("the worker was lost: {error}"),
    }
}

/// Returns when the worker has left a status request unanswered for too long, though no debugger can have stopped it.
async fn hung(channel: &Channel, debugger: &Debugger, limit: Duration) {
    loop {
        tokio::time::sleep(PROBE_EVERY.min(limit)).await;
        if tokio::time::timeout(limit, channel.check_status()).await.is_err() && !debugger.is_attached() {
            return;
        }
    }
}
