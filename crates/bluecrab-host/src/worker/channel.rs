//! Sends requests over a worker's event stream and matches the responses to them.

use super::outgoing::MAX_MESSAGE_BYTES;
use crate::calls::Calls;
use crate::console::{self, LogLevels};
use crate::sync::lock;
use bluecrab_rpc::{Content, InvocationRequest, InvocationResponse, StreamingMessage, WorkerStatusRequest};
use prost::Message;
use std::collections::HashMap;
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use tokio::sync::{mpsc, oneshot, watch};
use tonic::{Code, Status, Streaming};
use uuid::Uuid;

/// The worker or its stream ended before the worker answered.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the worker ended before it answered")]
pub struct WorkerGone;

/// Why an invocation was not sent.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub enum NotSent {
    /// The worker has ended.
    #[error(transparent)]
    WorkerGone(#[from] WorkerGone),
    /// The message would be longer than the worker reads. It would end the stream, and all other calls with it.
    #[error("the inputs of the call have {0} bytes together, and a message to the worker may have {MAX_MESSAGE_BYTES}")]
    TooLarge(usize),
}

/// The receivers of responses, by request id.
type Waiting = HashMap<String, oneshot::Sender<Content>>;

/// A worker's event stream. Clones share the stream.
#[derive(Clone)]
pub struct Channel {
    outgoing: mpsc::UnboundedSender<StreamingMessage>,
    /// The size of the invocations that wait in `outgoing`.
    waiting_bytes: Arc<AtomicUsize>,
    /// `None` after the stream has ended.
    waiting: Arc<Mutex<Option<Waiting>>>,
    /// The invocations that the worker has not answered, by invocation id.
    running: Arc<Mutex<HashMap<String, Running>>>,
    closed: Arc<watch::Sender<bool>>,
    /// The error that has ended the stream.
    failure: Arc<OnceLock<Status>>,
    /// Selects which log entries of functions are printed, and takes them for the page.
    log: Arc<OnceLock<(LogLevels, Calls)>>,
}

/// An invocation that the worker has not answered.
struct Running {
    /// The function's name, for its log lines.
    function: Arc<str>,
    /// Whether the host still waits for the response.
    is_awaited: bool,
}

impl Channel {
    pub(super) fn new(outgoing: mpsc::UnboundedSender<StreamingMessage>, waiting_bytes: Arc<AtomicUsize>) -> Self {
        let waiting = Arc::new(Mutex::new(Some(HashMap::new())));
        Self {
            outgoing,
            waiting_bytes,
            waiting,
            running: Arc::default(),
            closed: Arc::new(watch::Sender::new(false)),
            failure: Arc::default(),
            log: Arc::default(),
        }
    }

    /// Sets which log entries of functions are printed from now on, and what keeps them for the page.
    pub(super) fn log_to(&self, levels: LogLevels, calls: Calls) {
        drop(self.log.set((levels, calls)));
    }

    /// Sends a request and waits for the response with the same id.
    ///
    /// # Errors
    /// Returns an error if the worker ends first.
    pub async fn request(&self, content: Content) -> Result<Content, WorkerGone> {
        let message = StreamingMessage { request_id: Uuid::new_v4().to_string(), content: Some(content) };
        self.send_and_wait(message)?.await.map_err(|_| WorkerGone)
    }

    /// Sends an invocation request and returns at once. Use the returned [`Invocation`] to wait for the response.
    ///
    /// # Errors
    /// Returns an error if the worker has ended, or if the request is too large.
    pub fn invoke(&self, function: &Arc<str>, request: InvocationRequest) -> Result<Invocation, NotSent> {
        let id = request.invocation_id.clone();
        let message = StreamingMessage { request_id: id.clone(), content: Some(Content::InvocationRequest(request)) };
        let bytes = message.encoded_len();
        if bytes > MAX_MESSAGE_BYTES {
            return Err(NotSent::TooLarge(bytes));
        }
        self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        lock(&self.running).insert(id.clone(), Running { function: Arc::clone(function), is_awaited: true });
        match self.send_and_wait(message) {
            Ok(answer) => Ok(Invocation { channel: self.clone(), id, answer }),
            Err(gone) => {
                lock(&self.running).remove(&id);
                Err(gone.into())
            }
        }
    }

    /// Asks the worker for its status. Only a worker whose event loop is not blocked answers.
    ///
    /// # Errors
    /// Returns an error if the worker ends first.
    pub async fn check_status(&self) -> Result<(), WorkerGone> {
        self.request(Content::WorkerStatusRequest(WorkerStatusRequest {})).await.map(drop)
    }

    /// Sends a message that has no response.
    pub fn tell(&self, content: Content) {
        drop(self.outgoing.send(StreamingMessage::new(content)));
    }

    /// Waits until the stream has ended.
    pub async fn closed(&self) {
        drop(self.closed.subscribe().wait_for(|closed| *closed).await);
    }

    /// Returns whether the stream has ended, in either direction.
    pub fn is_closed(&self) -> bool {
        *self.closed.borrow() || self.outgoing.is_closed()
    }

    /// Returns the error that has ended the stream, if the worker has not ended it properly.
    pub fn failure(&self) -> Option<&str> {
        self.failure.get().map(Status::message)
    }

    /// Says which message has ended the stream because the host cannot read it, and what to do about it.
    pub fn unreadable(&self) -> Option<String> {
        // Only errors of the connection have a source.
        let failure = self.failure.get().filter(|failure| failure.source().is_none())?;
        let advice = match failure.code() {
            Code::OutOfRange => {
                "let the function return less at once, stream its HTTP response, or write the data to storage"
            }
            _ => {
                "check that the worker is the one of Azure Functions for Node.js, and that nothing changes its messages"
            }
        };
        Some(format!("the host cannot read a message of the worker: {}; {advice}", failure.message()))
    }

    /// Returns the size of the invocations that the worker has not begun to read.
    pub fn waiting_bytes(&self) -> usize {
        self.waiting_bytes.load(Ordering::Relaxed)
    }

    /// Returns how many invocations the host is waiting for.
    pub fn running(&self) -> usize {
        lock(&self.running).values().filter(|running| running.is_awaited).count()
    }

    fn send_and_wait(&self, message: StreamingMessage) -> Result<oneshot::Receiver<Content>, WorkerGone> {
        let (sender, receiver) = oneshot::channel();
        lock(&self.waiting).as_mut().ok_or(WorkerGone)?.insert(message.request_id.clone(), sender);
        self.outgoing.send(message).map_err(|_| WorkerGone)?;
        Ok(receiver)
    }

    /// Reads the stream until it ends. Prints log entries and passes each response to its receiver.
    pub(super) async fn read(self, mut incoming: Streaming<StreamingMessage>) {
        let usual = (LogLevels::default(), Calls::new(false));
        loop {
            let message = match incoming.message().await {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(failure) => {
                    drop(self.failure.set(failure));
                    break;
                }
            };
            match message.content {
                Some(Content::RpcLog(log)) => {
                    let function =
                        lock(&self.running).get(&log.invocation_id).map(|running| Arc::clone(&running.function));
                    let (levels, calls) = self.log.get().unwrap_or(&usual);
                    if console::worker_log(&log, function.as_deref(), levels) {
                        calls.log(&log.invocation_id, || console::level_and_text(&log));
                    }
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
        // Set this first: a receiver that wakes up below and tries again must not choose this worker.
        self.closed.send_replace(true);
        // Dropping the senders wakes the remaining receivers.
        lock(&self.waiting).take();
    }

    fn answer(&self, id: &str, content: Content) {
        let sender = lock(&self.waiting).as_mut().and_then(|waiting| waiting.remove(id));
        if let Some(sender) = sender {
            drop(sender.send(content));
        }
    }
}

/// A running invocation. If it is dropped before the response arrives, the host stops waiting, but still prints what
/// the function logs.
pub struct Invocation {
    channel: Channel,
    id: String,
    answer: oneshot::Receiver<Content>,
}

impl Invocation {
    /// Waits for the worker's response.
    ///
    /// # Errors
    /// Returns an error if the worker ends first.
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

#[cfg(test)]
mod tests {
    use super::super::streams::Incoming;
    use super::*;
    use bluecrab_rpc::{ParameterBinding, TypedData, typed_data::Data};
    use bytes::Bytes;
    use http_body_util::Full;

    /// Reads a stream of messages of at most 64 bytes, and returns the channel and the outcome of an open request.
    async fn read(sent: &'static [u8]) -> (Channel, Result<Content, WorkerGone>) {
        let (outgoing, _messages) = mpsc::unbounded_channel();
        let channel = Channel::new(outgoing, Arc::default());
        let status = Some(Content::WorkerStatusRequest(WorkerStatusRequest {}));
        let message = StreamingMessage { request_id: "1".to_owned(), content: status };
        let answer = channel.send_and_wait(message).unwrap();
        let body = Full::new(Bytes::from_static(sent));
        channel.clone().read(Streaming::new_request(Incoming, body, None, Some(64))).await;
        (channel, answer.await.map_err(|_| WorkerGone))
    }

    #[tokio::test]
    async fn says_which_message_has_ended_the_stream() {
        for (sent, expected, advice) in [
            (&b"\0\0\0\0\x41"[..], "found 65 bytes, the limit is: 64 bytes", "return less"),
            (b"\0\0\0\0\x01\xff", "failed to decode", "the one of Azure Functions"),
        ] {
            let (channel, answer) = read(sent).await;
            let said = channel.unreadable().unwrap();
            assert!(said.contains(expected) && said.contains(advice), "{said}");
            assert!(said.contains(channel.failure().unwrap()), "{said}");
            assert!(answer.is_err() && channel.is_closed());
        }
    }

    #[test]
    fn a_message_that_is_too_large_is_not_sent() {
        let (outgoing, mut messages) = mpsc::unbounded_channel();
        let channel = Channel::new(outgoing, Arc::default());
        // Clones share their memory.
        let data = TypedData { data: Some(Data::Bytes(vec![0; 1 << 20].into())) };
        let input = ParameterBinding { name: "blob".to_owned(), data: Some(data) };
        let request =
            |count| InvocationRequest { input_data: vec![input.clone(); count], ..InvocationRequest::default() };
        let function = "import".into();
        assert!(matches!(channel.invoke(&function, request(2048)), Err(NotSent::TooLarge(2_147_483_648..))));
        assert_eq!(channel.running(), 0);
        assert!(messages.try_recv().is_err());
        assert!(channel.invoke(&function, request(2047)).is_ok());
        assert!(messages.try_recv().is_ok());
    }

    #[tokio::test]
    async fn a_proper_end_of_the_stream_is_no_failure() {
        let (channel, answer) = read(b"").await;
        assert_eq!((channel.failure(), channel.unreadable()), (None, None));
        assert!(answer.is_err() && channel.is_closed());
    }
}
