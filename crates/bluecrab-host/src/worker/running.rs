//! A running worker, until it ends or is told to end.

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

/// How long a worker may take to end after it was told to.
const GRACE: Duration = Duration::from_secs(5);
const PROBE_EVERY: Duration = Duration::from_secs(10);
/// How long a replaced worker may take to finish its calls.
const LAST_CALLS: Duration = Duration::from_secs(60);
/// The exit code with which a worker asks to be restarted.
const RESTART_CODE: i32 = 200;

/// A worker and its process. Dropping it kills the process.
pub struct Running {
    pub worker: Arc<Worker>,
    pub process: WorkerProcess,
    /// When the process was started.
    pub started: Instant,
}

impl Running {
    /// Waits until the worker has ended or its event loop has been blocked for too long, and returns the reason.
    pub async fn ended(&mut self, worker_timeout: Duration) -> String {
        let debugger = Arc::clone(self.process.debugger());
        tokio::select! {
            status = self.process.wait() => exited(status),
            () = self.worker.channel.closed() => match self.worker.channel.unreadable() {
                Some(reason) => reason,
                None => {
                    let status = tokio::time::timeout(GRACE, self.process.wait()).await;
                    status.map_or_else(|_| stream_closed(self.worker.channel.failure()), exited)
                }
            },
            () = self.worker.overdue.cancelled() => "a call took longer than functionTimeout allows".to_owned(),
            () = hung(&self.worker.channel, &debugger, worker_timeout) => {
                format!("the worker's event loop was blocked for {} s", worker_timeout.as_secs())
            }
        }
    }

    /// Tells the worker to end, and kills it if it does not. Processes that it has started are killed too.
    pub async fn terminate(mut self) {
        let grace_period =
            prost_types::Duration { seconds: GRACE.as_secs().cast_signed(), nanos: GRACE.subsec_nanos().cast_signed() };
        let terminate = WorkerTerminate { grace_period: Some(grace_period) };
        self.worker.channel.tell(Content::WorkerTerminate(terminate));
        drop(tokio::time::timeout(GRACE, self.process.wait()).await);
        self.process.kill().await;
    }

    /// Ends the worker as soon as its calls are over or the host stops.
    pub async fn retire(self, stopping: CancellationToken) {
        tokio::select! {
            () = self.is_idle() => {}
            () = self.last_calls_are_late() => console::error(&format!(
                "calls of the previous code ({}) did not end within {} s and are aborted",
                // Without a running call, a client is still reading a response.
                self.worker.channel.running().max(1),
                LAST_CALLS.as_secs()
            )),
            () = stopping.cancelled() => {}
        }
        self.terminate().await;
    }

    /// Waits for the time that the last calls may take, or forever if a debugger may have stopped a call.
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

/// Describes how a worker process has ended.
pub fn exited(status: std::io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) if status.code() == Some(RESTART_CODE) => "the worker asked for a restart".to_owned(),
        Ok(status) => format!("the worker ended ({status})"),
        Err(error) => format!("cannot wait for the worker's exit: {error}"),
    }
}

fn stream_closed(failure: Option<&str>) -> String {
    format!("the worker closed its stream{}", failure.map(|failure| format!(": {failure}")).unwrap_or_default())
}

/// Returns when the worker has not answered a status request in time and no debugger can be the reason.
async fn hung(channel: &Channel, debugger: &Debugger, limit: Duration) {
    loop {
        tokio::time::sleep(PROBE_EVERY.min(limit)).await;
        if tokio::time::timeout(limit, channel.check_status()).await.is_err() && !debugger.is_attached() {
            return;
        }
    }
}
