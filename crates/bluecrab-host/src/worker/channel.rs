//! Requests over one worker's event stream, and the answers that belong to them.

use crate::app::LogLevels;
use crate::console;
use bluecrab_rpc::{Content, InvocationRequest, InvocationResponse, StreamingMessage, WorkerStatusRequest};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::{mpsc, oneshot, watch};
use tonic::{Status, Streaming};
use uuid::Uuid;

/// The worker ended, or its stream did, before it answered.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the worker ended before it answered")]
pub struct WorkerGone;

/// Who waits for an answer, by the id of the request.
type Waiting = HashMap<String, oneshot::Sender<Content>>;

/// One worker's event stream; clones share it.
#[derive(Clone)]
pub struct Channel {
    outgoing: mpsc::UnboundedSender<Result<StreamingMessage, Status>>,
    /// Nothing once the stream has ended.
    waiting: Arc<Mutex<Option<Waiting>>>,
    /// The invocations that the worker has not answered, by their ids.
    running: Arc<Mutex<HashMap<String, Running>>>,
    closed: Arc<watch::Sender<bool>>,
    /// Which of the functions' log entries are printed.
    log_levels: Arc<OnceLock<LogLevels>>,
}

/// An invocation that the worker has not answered.
struct Running {
    /// The name of its function, which log lines are printed with.
    function: Arc<str>,
    /// Whether the host still waits for the answer.
    is_awaited: bool,
}

impl Channel {
    pub(super) fn new(outgoing: mpsc::UnboundedSender<Result<StreamingMessage, Status>>) -> Self {
        let waiting = Arc::new(Mutex::new(Some(HashMap::new())));
        Self {
            outgoing,
            waiting,
            running: Arc::default(),
            closed: Arc::new(watch::Sender::new(false)),
            log_levels: Arc::default(),
        }
    }

    /// From here on prints only the functions' log entries that these levels let through.
    pub(super) fn print_from(&self, levels: LogLevels) {
        drop(self.log_levels.set(levels));
    }

    /// Sends a request and waits for the answer with the same id.
    ///
    /// # Errors
    /// Where the worker ends first.
    pub async fn request(&self, content: Content) -> Result<Content, WorkerGone> {
        let id = Uuid::new_v4().to_string();
        self.send_and_wait(id, content)?.await.map_err(|_| WorkerGone)
    }

    /// Sends an invocation; the answer comes later.
    ///
    /// # Errors
    /// Where the worker has ended.
    pub fn invoke(&self, function: &Arc<str>, request: InvocationRequest) -> Result<Invocation, WorkerGone> {
        let id = request.invocation_id.clone();
        lock(&self.running).insert(id.clone(), Running { function: Arc::clone(function), is_awaited: true });
        match self.send_and_wait(id.clone(), Content::InvocationRequest(request)) {
            Ok(answer) => Ok(Invocation { channel: self.clone(), id, answer }),
            Err(gone) => {
                lock(&self.running).remove(&id);
                Err(gone)
            }
        }
    }

    /// Asks the worker whether its event loop turns.
    ///
    /// # Errors
    /// Where the worker ends first.
    pub async fn check_status(&self) -> Result<(), WorkerGone> {
        self.request(Content::WorkerStatusRequest(WorkerStatusRequest {})).await.map(drop)
    }

    /// Sends a message that has no answer.
    pub fn tell(&self, content: Content) {
        drop(self.outgoing.send(Ok(StreamingMessage::new(content))));
    }

    /// Waits until the stream has ended.
    pub async fn closed(&self) {
        drop(self.closed.subscribe().wait_for(|closed| *closed).await);
    }

    /// Whether the stream has ended.
    pub fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// How many invocations the host waits for.
    pub fn running(&self) -> usize {
        lock(&self.running).values().filter(|running| running.is_awaited).count()
    }

    fn send_and_wait(&self, id: String, content: Content) -> Result<oneshot::Receiver<Content>, WorkerGone> {
        let (sender, receiver) = oneshot::channel();
        lock(&self.waiting).as_mut().ok_or(WorkerGone)?.insert(id.clone(), sender);
        let message = StreamingMessage { request_id: id, content: Some(content) };
        self.outgoing.send(Ok(message)).map_err(|_| WorkerGone)?;
        Ok(receiver)
    }

    /// Reads the stream to its end and hands every message to whom it belongs.
    pub(super) async fn read(self, mut incoming: Streaming<StreamingMessage>) {
        let usual_levels = LogLevels::default();
        while let Ok(Some(message)) = incoming.message().await {
            match message.content {
                Some(Content::RpcLog(log)) => {
                    let function =
                        lock(&self.running).get(&log.invocation_id).map(|running| Arc::clone(&running.function));
                    let levels = self.log_levels.get().unwrap_or(&usual_levels);
                    console::worker_log(&log, function.as_deref(), levels);
                }
                Some(Content::InvocationResponse(response)) => {
                    let id = response.invocation_id.clone();
                    lock(&self.running).remove(&id);
                    self.answer(&id, Content::InvocationResponse(response));
                }
                Some(content) => self.answer(&message.request_id, content),
                None => {}
            }
        }
        // First of all: who is woken below, and asks again, must not meet this worker a second time.
        self.closed.send_replace(true);
        // Whoever still waits is woken by the senders being dropped.
        lock(&self.waiting).take();
    }

    fn answer(&self, id: &str, content: Content) {
        let sender = lock(&self.waiting).as_mut().and_then(|waiting| waiting.remove(id));
        if let Some(sender) = sender {
            drop(sender.send(content));
        }
    }
}

/// An invocation under way. If it is dropped before its answer, the host no longer waits for it; what the function still
/// logs is printed with its name.
pub struct Invocation {
    channel: Channel,
    id: String,
    answer: oneshot::Receiver<Content>,
}

impl Invocation {
    /// Waits for the worker's answer.
    ///
    /// # Errors
    /// Where the worker ends first.
    pub async fn answer(&mut self) -> Result<InvocationResponse, WorkerGone> {
        match (&mut self.answer).await {
            Ok(Content::InvocationResponse(response)) => Ok(response),
            _ => Err(WorkerGone),
        }
    }
}

impl Drop for Invocation {
    fn drop(&mut self) {
        if let Some(running) = lock(&self.channel.running).get_mut(&self.id) {
            running.is_awaited = false;
        }
        if let Some(waiting) = lock(&self.channel.waiting).as_mut() {
            waiting.remove(&self.id);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
