//! The state of the worker, as the host's HTTP server sees it.

use super::channel::Channel;
use super::function::Function;
use super::http_pool::HttpPool;
use crate::app::App;
use crate::route::RouteTable;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A worker that is ready for invocations.
pub struct Worker {
    /// The app, as it was read before the worker was started.
    pub app: Arc<App>,
    /// The event stream.
    pub channel: Channel,
    /// The app's functions.
    pub functions: Vec<Arc<Function>>,
    /// The functions' routes, with the prefix.
    pub routes: RouteTable,
    /// Connections to the worker's own HTTP listener, if the app has HTTP streaming enabled.
    pub http: Option<HttpPool>,
    /// The calls that need the worker. A replaced worker ends only after all of them.
    pub calls: TaskTracker,
    /// Cancelled when an invocation has taken longer than `functionTimeout`: another worker must replace this one.
    pub overdue: CancellationToken,
    /// The id of the worker's process.
    pub process_id: u32,
}

impl Worker {
    /// Returns whether the worker neither has ended nor is about to be replaced.
    pub fn takes_calls(&self) -> bool {
        !self.channel.is_closed() && !self.overdue.is_cancelled()
    }
}

/// Whether a worker can answer requests.
#[derive(Clone)]
pub enum WorkerState {
    /// A worker is starting, for the first time or again.
    Starting,
    /// The last start failed. The host tries again after a pause.
    Failing,
    /// No worker has ever served this version of the app, and the start failed for this reason. Only a change of the
    /// app can help.
    Failed(String),
    /// The worker answers requests.
    Ready(Arc<Worker>),
}
