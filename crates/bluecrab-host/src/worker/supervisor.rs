//! Keeps a worker running: restarts it after a crash, with growing pauses, and replaces it when the app changes.

use super::launch::Launcher;
use super::running::Running;
use super::state::WorkerState;
use crate::app::App;
use crate::console;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A worker that ran for this long is considered stable: the next pause is short again.
const STABLE_AFTER: Duration = Duration::from_secs(30);

/// Keeps one worker running and replaces it when the app has changed.
pub struct Supervisor {
    launcher: Arc<Launcher>,
    app: watch::Receiver<Arc<App>>,
    worker_timeout: Duration,
    pause: Duration,
    /// The version of the app that a worker served last.
    served: Option<Arc<App>>,
    /// Why the previous worker ended or did not start.
    reason: String,
    state: watch::Sender<WorkerState>,
    stale: watch::Sender<Option<String>>,
    stopping: CancellationToken,
    retiring: JoinSet<()>,
}

type Start = Pin<Box<dyn Future<Output = Result<Running, String>> + Send>>;

impl Supervisor {
    /// Makes a supervisor. Each new value of `app` is a new version of the app. The first of `states` receives what the
    /// worker does, and the second why older code than the newest serves.
    pub fn new(
        launcher: Launcher,
        app: watch::Receiver<Arc<App>>,
        worker_timeout: Duration,
        (state, stale): (watch::Sender<WorkerState>, watch::Sender<Option<String>>),
        stopping: CancellationToken,
    ) -> Self {
        Self {
            launcher: Arc::new(launcher),
            app,
            worker_timeout,
            pause: FIRST_PAUSE,
            served: None,
            reason: String::new(),
            state,
            stale,
            stopping,
            retiring: JoinSet::new(),
        }
    }

    /// Runs one worker after another until the host stops.
    pub async fn run(mut self) {
        let mut starting = Some(self.start(Duration::ZERO));
        let mut current: Option<Running> = None;
        loop {
            tokio::select! {
                // A newer version of the app comes before what is to be said about an older one.
                biased;
                () = self.stopping.cancelled() => break,
                Ok(()) = self.app.changed() => {
                    self.pause = FIRST_PAUSE;
                    self.reason.clear();
                    starting = Some(self.start(Duration::ZERO));
                    if current.is_none() {
                        self.state.send_replace(WorkerState::Starting);
                    }
                }
                started = started(&mut starting) => starting = match started {
                    Ok(next) => {
                        self.served = Some(Arc::clone(&next.worker.app));
                        self.state.send_replace(WorkerState::Ready(Arc::clone(&next.worker)));
                        self.stale.send_if_modified(|stale| stale.take().is_some());
                        self.retire(current.replace(next));
                        None
                    }
                    Err(reason) if current.is_some() => {
                        console::error(&format!("{reason}; the previous code keeps serving"));
                        self.stale.send_replace(Some(reason));
                        None
                    }
                    Err(reason) if self.has_served() => {
                        self.state.send_replace(WorkerState::Failing);
                        Some(self.start_again(reason))
                    }
                    Err(reason) => {
                        self.fail(reason);
                        None
                    }
                },
                reason = ended(&mut current, self.worker_timeout) => {
                    self.state.send_replace(WorkerState::Starting);
                    if current.take().is_some_and(|worker| worker.started.elapsed() > STABLE_AFTER) {
                        self.pause = FIRST_PAUSE;
                        self.reason.clear();
                    }
                    match &starting {
                        Some(_) => console::error(&format!("{reason}; a new worker is already starting")),
                        None => starting = Some(self.start_again(reason)),
                    }
                }
            }
        }
        drop(starting);
        if let Some(current) = current {
            self.retiring.spawn(current.terminate());
        }
        while self.retiring.join_next().await.is_some() {}
    }

    fn start(&mut self, pause: Duration) -> Start {
        let (launcher, app) = (Arc::clone(&self.launcher), Arc::clone(&self.app.borrow_and_update()));
        Box::pin(async move {
            tokio::time::sleep(pause).await;
            launcher.start(app).await
        })
    }

    /// Returns whether a worker has already served this version of the app, so that a restart may succeed.
    fn has_served(&self) -> bool {
        self.served.as_ref().is_some_and(|served| Arc::ptr_eq(served, &self.app.borrow()))
    }

    /// Notes that the newest version of the app cannot be served. Does nothing if the app has changed in the meantime.
    fn fail(&self, reason: String) {
        self.state.send_if_modified(|state| {
            let is_newest = !self.app.has_changed().unwrap_or(false);
            if is_newest {
                *state = WorkerState::Failed(reason);
            }
            is_newest
        });
    }

    fn start_again(&mut self, reason: String) -> Start {
        let pause = self.pause;
        // Do not repeat an identical reason.
        let said = if reason == self.reason { "the worker failed again for the same reason" } else { &reason };
        console::error(&format!("{said}; another worker starts in {} ms", pause.as_millis()));
        self.reason = reason;
        self.pause = (pause * 2).min(LONGEST_PAUSE);
        self.start(pause)
    }

    fn retire(&mut self, worker: Option<Running>) {
        while self.retiring.try_join_next().is_some() {}
        if let Some(worker) = worker {
            self.retiring.spawn(worker.retire(self.stopping.clone()));
        }
    }
}

async fn started(start: &mut Option<Start>) -> Result<Running, String> {
    match start {
        Some(start) => start.await,
        None => std::future::pending().await,
    }
}

async fn ended(worker: &mut Option<Running>, worker_timeout: Duration) -> String {
    match worker {
        Some(worker) => worker.ended(worker_timeout).await,
        None => std::future::pending().await,
    }
}
