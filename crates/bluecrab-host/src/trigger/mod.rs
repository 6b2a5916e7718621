//! Fires the functions that HTTP does not call, and reads and writes the bindings of all functions.

mod blob;
mod by_hand;
mod date_format;
pub mod event_grid;
mod expression;
pub mod inputs;
mod invoker;
mod item;
mod listener;
mod mcp;
mod metadata;
pub mod outputs;
mod queue;
mod retry;
mod storage;
mod surrogates;
mod timer;
mod unsent;

pub use blob::{is_event_grid, poison_blob, queues as blob_queues};
pub use by_hand::ByHand;
pub use expression::Values;
pub use invoker::{Fired, Invoker, RunError};
pub use item::Item;
pub use mcp::{Mcp, PATH as MCP_PATH};
pub use queue::{decode as decode_message, queue_of};
pub use storage::needs_emulator;
pub use unsent::UnsentOutputs;

use crate::app::App;
use crate::calls::Calls;
use crate::worker::{Function, TriggerKind, Worker, WorkerState};
use listener::ListenerContext;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use timer::Timers;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The listeners of the app's functions, and what they share. Clones share everything.
#[derive(Clone)]
pub struct Triggers {
    state: watch::Receiver<WorkerState>,
    /// Runs functions until the host stops.
    pub invoker: Invoker,
    /// The outputs that were not sent.
    pub unsent: Arc<UnsentOutputs>,
    /// The last invocations, for the page.
    pub calls: Calls,
    pub(crate) timers: Timers,
    /// Everything that may still run a function.
    running: TaskTracker,
    /// Ends the listeners for good, either because the host stops or because it was told to drain.
    drain: CancellationToken,
    /// Cancelled when the host stops and the running invocations are over.
    stopped: CancellationToken,
}

impl Triggers {
    /// Makes the triggers of a host. [`run`](Self::run) starts the listeners.
    pub fn new(state: watch::Receiver<WorkerState>, calls: Calls) -> Self {
        let (unsent, drain) = (Arc::<UnsentOutputs>::default(), CancellationToken::new());
        let invoker = Invoker::new(state.clone(), Arc::clone(&unsent), calls.clone(), drain.clone());
        let (timers, running, stopped) = (Timers::default(), TaskTracker::new(), CancellationToken::new());
        Self { state, invoker, unsent, calls, timers, running, drain, stopped }
    }

    /// Starts the listeners of each new version of the app, after it has told the previous version's listeners to end.
    /// A worker that replaces one that has ended serves the listeners that are there.
    pub async fn run(self) {
        let mut state = self.state.clone();
        state.mark_changed();
        let mut current: Option<Listeners> = None;
        loop {
            tokio::select! {
                biased;
                () = self.drain.cancelled() => break,
                changed = state.changed() => if changed.is_err() { break },
            }
            let WorkerState::Ready(worker) = &*state.borrow_and_update() else { continue };
            if current.as_ref().is_none_or(|current| !Arc::ptr_eq(&current.app, &worker.app)) {
                current = Some(self.listen(worker, current.take()));
            }
        }
        drop(current);
    }

    fn listen(&self, worker: &Arc<Worker>, previous: Option<Listeners>) -> Listeners {
        let mut previous = previous.map(Listeners::stop).unwrap_or_default();
        let stop = self.drain.child_token();
        let invoker = self.invoker.until(stop.clone());
        let (mut tasks, mut blobs) = (HashMap::new(), Vec::new());
        for function in worker.functions.iter().filter(|function| !function.is_disabled) {
            let listener = ListenerContext {
                invoker: invoker.clone(),
                function: Arc::clone(function),
                app: Arc::clone(&worker.app),
                stop: stop.clone(),
            };
            let (timers, previous) = (self.timers.clone(), previous.remove(&function.name));
            let listening = match function.trigger_kind {
                TriggerKind::Timer => self.running.spawn(async move {
                    // The runs of a timer never overlap, not even if the function has changed between them.
                    if let Some(previous) = previous {
                        drop(previous.await);
                    }
                    timers.listen(listener).await;
                }),
                TriggerKind::Queue => self.running.spawn(queue::listen(listener)),
                TriggerKind::Blob => {
                    blobs.push(listener.function);
                    continue;
                }
                _ => continue,
            };
            tasks.insert(Arc::clone(&function.name), listening);
        }
        if !blobs.is_empty() {
            self.running.spawn(blob::listen(invoker, blobs, Arc::clone(&worker.app), stop.clone()));
        }
        Listeners { app: Arc::clone(&worker.app), stop: stop.drop_guard(), tasks }
    }

    /// Runs a task that may run a function. The host waits for it when it drains.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.running.spawn(task);
    }

    /// Stops all listeners. Running invocations continue.
    pub fn drain(&self) {
        self.drain.cancel();
        self.running.close();
    }

    /// Returns `Disabled`, `InProgress` or `Completed`, the platform's words for the state of [`drain`](Self::drain).
    pub fn drain_state(&self, running: usize) -> &'static str {
        match (self.drain.is_cancelled(), self.running.is_empty() && running == 0) {
            (false, _) => "Disabled",
            (true, false) => "InProgress",
            (true, true) => "Completed",
        }
    }

    /// Stops all listeners and waits until the running invocations are over, but not longer than `limit`. Then ends the
    /// sessions of MCP clients.
    pub async fn stop(&self, limit: Duration) {
        self.drain();
        drop(tokio::time::timeout(limit, self.running.wait()).await);
        self.stopped.cancel();
    }
}

/// The running listeners of a version of the app. Dropping it tells them to end.
struct Listeners {
    app: Arc<App>,
    stop: tokio_util::sync::DropGuard,
    tasks: HashMap<Arc<str>, JoinHandle<()>>,
}

impl Listeners {
    fn stop(self) -> HashMap<Arc<str>, JoinHandle<()>> {
        drop(self.stop);
        self.tasks
    }
}

/// Returns whether MCP clients can call one of the functions.
pub fn serves_mcp(functions: &[Arc<Function>]) -> bool {
    functions.iter().any(|function| function.trigger_kind.is_mcp() && !function.is_disabled)
}

/// Returns the path to which events for a function can be posted, if its trigger has one.
pub fn webhook(function: &Function) -> Option<String> {
    (function.trigger_kind == TriggerKind::EventGrid)
        .then(|| format!("{}?functionName={}", event_grid::PATH, function.name))
}

/// Returns whether anything but `POST /admin/functions/NAME` can fire a function with this trigger.
fn can_fire(kind: TriggerKind) -> bool {
    !matches!(kind, TriggerKind::Broker | TriggerKind::CosmosDb | TriggerKind::Sql | TriggerKind::Other)
}

/// Returns a line that names the functions that this host cannot fire, or `None` if it can fire all of them.
pub fn cannot_fire(functions: &[Arc<Function>]) -> Option<String> {
    let named: Vec<String> = functions
        .iter()
        .filter(|function| !can_fire(function.trigger_kind) && !function.is_disabled)
        .map(|function| format!("{} ({})", function.name, function.trigger_type))
        .collect();
    let names = named.join(", ");
    (!named.is_empty()).then(|| format!("this host cannot fire {names}; call them with `bluecrab invoke NAME`"))
}
