//! What all parts of the page share.

use crate::keys::Keys;
use crate::trigger::Triggers;
use crate::worker::{Worker, WorkerState};
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The page of a host. Clones share everything.
#[derive(Clone)]
pub struct Page {
    pub(super) worker: watch::Receiver<WorkerState>,
    /// Why older code than the app's newest serves.
    pub(super) stale: watch::Receiver<Option<String>>,
    pub(super) triggers: Triggers,
    pub(super) keys: Option<Arc<Keys>>,
    /// Ends the streams of events when the host stops. Otherwise the host would wait for them.
    pub(super) stopping: CancellationToken,
}

impl Page {
    /// Makes the page of a host.
    pub fn new(
        (worker, stale): (watch::Receiver<WorkerState>, watch::Receiver<Option<String>>),
        triggers: Triggers,
        keys: Option<Arc<Keys>>,
        stopping: CancellationToken,
    ) -> Self {
        Self { worker, stale, triggers, keys, stopping }
    }

    /// Returns the worker, if one is ready.
    pub(super) fn worker(&self) -> Option<Arc<Worker>> {
        match &*self.worker.borrow() {
            WorkerState::Ready(worker) => Some(Arc::clone(worker)),
            _ => None,
        }
    }
}
