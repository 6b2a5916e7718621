//! A worker that is ready, and the state that the host's HTTP side sees.

use super::channel::Channel;
use super::function::Function;
use super::http_pool::HttpPool;
use crate::app::App;
use crate::route::RouteTable;
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// A worker that is ready for invocations.
pub struct Worker {
    /// The app as it was read when the worker was started.
    pub app: Arc<App>,
    /// The stream to it.
    pub channel: Channel,
    /// The app's functions.
    pub functions: Vec<Function>,
    /// Their routes, with the prefix.
    pub routes: RouteTable,
    /// The connections to the worker's own HTTP listener, if the app has HTTP streaming on.
    pub http: Option<HttpPool>,
    /// The calls that need the worker: it is not ended for its successor's sake before they are over.
    pub calls: TaskTracker,
    /// Its process.
    pub process_id: u32,
}

/// What the worker is doing.
#[derive(Clone)]
pub enum WorkerState {
    /// It starts, or starts again.
    Starting,
    /// Its last start failed; another is tried after a pause.
    Failing,
    /// The app as it is has never been served, and its start failed for this reason: only a change can mend it.
    Failed(String),
    /// It answers.
    Ready(Arc<Worker>),
}
