//! Runs one invocation of a function that HTTP does not call.

use super::expression::Values;
use super::retry::RetryPolicy;
use super::unsent::UnsentOutputs;
use super::{inputs, metadata, outputs};
use crate::calls::{Calls, Cause, Payload, Recording};
use crate::console::{self, LogLevels};
use crate::spans::Span;
use crate::worker::{Function, NotSent, Worker, WorkerState};
use crate::worker_error;
use bluecrab_rpc::{InvocationRequest, ParameterBinding, RetryContext, RpcException, RpcTraceContext, TypedData};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::task_tracker::TaskTrackerToken;
use uuid::Uuid;

/// What fired a function.
#[derive(Debug, Clone)]
pub struct Fired {
    /// The value of the trigger.
    pub value: TypedData,
    /// The metadata of the trigger, with the platform's names.
    pub metadata: Vec<(String, TypedData)>,
    /// Why the function runs, for the log.
    pub reason: String,
}

/// Why a run did not succeed. The reason has been printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The function, one of its bindings or its time limit failed.
    #[error("{0}")]
    Failed(String),
    /// The host is stopping, or the worker ended during the run. Not the function's fault.
    #[error("the worker ended before the function did")]
    Stopped,
}

/// Runs functions on the worker that is ready. Cheap to clone.
#[derive(Clone)]
pub struct Invoker {
    worker: watch::Receiver<WorkerState>,
    unsent: Arc<UnsentOutputs>,
    calls: Calls,
    /// Ends the waits for a worker and for the next attempt.
    stop: CancellationToken,
}

/// Why one attempt failed.
struct Failure {
    error: RunError,
    exception: RpcException,
}

impl Failure {
    fn new(reason: String) -> Self {
        let exception = RpcException { message: reason.clone(), ..RpcException::default() };
        Self { error: RunError::Failed(reason), exception }
    }

    fn not_sent(reason: NotSent) -> Self {
        match reason {
            NotSent::WorkerGone(_) => Self::stopped(),
            NotSent::TooLarge(_) => Self::new(reason.to_string()),
        }
    }

    fn stopped() -> Self {
        let error = RunError::Stopped;
        let exception = RpcException { message: error.to_string(), ..RpcException::default() };
        Self { error, exception }
    }
}

impl Invoker {
    /// Makes an invoker.
    pub fn new(
        worker: watch::Receiver<WorkerState>,
        unsent: Arc<UnsentOutputs>,
        calls: Calls,
        stop: CancellationToken,
    ) -> Self {
        Self { worker, unsent, calls, stop }
    }

    /// Returns an invoker that starts nothing new once `stop` is cancelled.
    pub fn until(&self, stop: CancellationToken) -> Self {
        Self { stop, ..self.clone() }
    }

    /// Runs a function, with its retry policy and time limit, and writes its outputs. Waits for a worker if it is being
    /// replaced.
    ///
    /// # Errors
    /// Returns why the last attempt failed.
    pub async fn run(&self, function: &Function, fired: Fired) -> Result<(), RunError> {
        self.call(function, fired).await.map(drop)
    }

    /// Does the same as [`run`](Self::run), and returns the function's return value unless an output took it.
    ///
    /// # Errors
    /// Returns why the last attempt failed.
    pub async fn call(&self, function: &Function, fired: Fired) -> Result<Option<TypedData>, RunError> {
        self.call_as(&Uuid::new_v4().to_string(), function, fired).await
    }

    /// Does the same as [`call`](Self::call), with this invocation id.
    ///
    /// # Errors
    /// Returns why the last attempt failed.
    pub async fn call_as(
        &self,
        id: &str,
        function: &Function,
        mut fired: Fired,
    ) -> Result<Option<TypedData>, RunError> {
        let levels = self.levels();
        console::executing(&function.name, &fired.reason, id, &levels);
        let started = Instant::now();
        let cause = Cause::Fired { reason: fired.reason.clone() };
        let recording = Recording::begin(&self.calls, &function.name, id, cause, started, || {
            Payload::of_trigger(&fired.value, &fired.metadata)
        });
        metadata::add_members(&fired.value, &mut fired.metadata);
        let result = self.attempts(function, id, &fired).await;
        console::executed(&function.name, id, started.elapsed(), result.is_ok(), &levels);
        recording.finished(result.is_ok(), || Payload::returned(result.as_ref().ok()?.as_ref()?));
        result
    }

    /// Runs a function until an attempt succeeds or its retry policy ends. Every attempt has the same invocation id
    /// (azure-webjobs-sdk, `FunctionExecutorExtensions`).
    async fn attempts(&self, function: &Function, id: &str, fired: &Fired) -> Result<Option<TypedData>, RunError> {
        let policy = RetryPolicy::of(function);
        let mut exception = None;
        for count in 0.. {
            let retry_context = policy.as_ref().map(|policy| RetryContext {
                retry_count: count,
                max_retry_count: policy.max,
                exception: exception.take(),
            });
            let failure = match self.attempt(function, id, fired, retry_context).await {
                Ok(returned) => return Ok(returned),
                Err(failure) => failure,
            };
            console::error(&format!("function {} {id} failed: {}", function.name, failure.error));
            self.calls.note(id, "error", &failure.error.to_string());
            let Some(pause) = policy.as_ref().and_then(|policy| policy.pause_after(count)) else {
                return Err(failure.error);
            };
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(failure.error),
                () = tokio::time::sleep(pause) => {}
            }
            exception = Some(failure.exception);
        }
        Err(RunError::Stopped)
    }

    async fn attempt(
        &self,
        function: &Function,
        id: &str,
        fired: &Fired,
        retry_context: Option<RetryContext>,
    ) -> Result<Option<TypedData>, Failure> {
        let (worker, _in_use) = self.ready_worker().await.ok_or_else(Failure::stopped)?;
        let mut span = worker.app.spans.start(function, id, None, None);
        let trace = span.as_ref().map_or_else(trace_context, Span::context);
        let attempted = self.attempt_on(&worker, trace, function, id, fired, retry_context).await;
        if let (Some(span), Err(failure)) = (&mut span, &attempted) {
            // The conventions' word for an error of no known kind.
            let kind = if failure.error == RunError::Stopped { "stopped" } else { "_OTHER" };
            span.failed(kind, &failure.error.to_string());
        }
        attempted
    }

    async fn attempt_on(
        &self,
        worker: &Worker,
        trace: RpcTraceContext,
        function: &Function,
        id: &str,
        fired: &Fired,
        retry_context: Option<RetryContext>,
    ) -> Result<Option<TypedData>, Failure> {
        // The functions of a new worker may have other ids and bindings.
        let function = worker
            .functions
            .iter()
            .find(|known| known.name == function.name)
            .ok_or_else(|| Failure::new(format!("the app no longer registers the function {}", function.name)))?;
        let metadata = fired.metadata.iter().cloned().collect();
        let values = Values { app: &worker.app, function: &function.name, metadata: &metadata };
        let mut input_data =
            vec![ParameterBinding { name: function.trigger_name.clone(), data: Some(fired.value.clone()) }];
        input_data.extend(inputs::read(&values, function).await.map_err(Failure::new)?);
        let request = InvocationRequest {
            invocation_id: id.to_owned(),
            function_id: function.id.clone(),
            input_data,
            trigger_metadata: metadata.clone(),
            trace_context: Some(trace),
            retry_context,
        };
        let mut invocation = worker.channel.invoke(&function.name, request).map_err(Failure::not_sent)?;
        let mut response = tokio::select! {
            biased;
            response = invocation.answer() => response.map_err(|_| Failure::stopped())?,
            () = expired(worker) => {
                // Only the end of the worker stops the function (azure-functions-host,
                // `WebScriptHostExceptionHandler`).
                worker.overdue.cancel();
                worker.channel.closed().await;
                return Err(Failure::new("it took longer than functionTimeout allows".to_owned()));
            }
        };
        if let Some(result) = &response.result
            && let Some(reason) = worker_error::message(result, &worker.app.root)
        {
            let exception = result.exception.clone().unwrap_or_default();
            return Err(Failure { exception, ..Failure::new(reason) });
        }
        outputs::write(&values, function, id, &mut response, &self.unsent).await.map_err(Failure::new)?;
        Ok(response.return_value)
    }

    /// Waits for a ready worker. The worker is not retired until the token is dropped.
    async fn ready_worker(&self) -> Option<(Arc<Worker>, TaskTrackerToken)> {
        let mut state = self.worker.clone();
        let ready = state.wait_for(|state| match state {
            WorkerState::Ready(worker) => worker.takes_calls(),
            _ => false,
        });
        // A call by hand runs after a drain too, if there is a worker.
        let ready = tokio::select! {
            biased;
            ready = ready => ready.ok()?,
            () = self.stop.cancelled() => return None,
        };
        match &*ready {
            WorkerState::Ready(worker) => Some((Arc::clone(worker), worker.calls.token())),
            _ => None,
        }
    }

    fn levels(&self) -> LogLevels {
        match &*self.worker.borrow() {
            WorkerState::Ready(worker) => worker.app.log_levels.clone(),
            _ => LogLevels::default(),
        }
    }
}

/// Returns when `functionTimeout` has expired, which never happens without a limit.
async fn expired(worker: &Worker) {
    match worker.app.function_timeout {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

/// Makes the trace context of an invocation that no request started: a new trace (W3C Trace Context, section 3.2).
fn trace_context() -> RpcTraceContext {
    let (trace, span) = (Uuid::new_v4().simple().to_string(), Uuid::new_v4().simple().to_string());
    RpcTraceContext { trace_parent: format!("00-{trace}-{}-01", &span[..16]), ..RpcTraceContext::default() }
}
