//! Watches an invocation until it ends, even if its client disconnects.

use super::call::{Call, expired};
use crate::console;
use crate::trigger::{Values, outputs};
use crate::worker::Invocation;
use crate::worker_error;
use bluecrab_rpc::{InvocationResponse, TypedData};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// How long the worker may take to end an invocation that was withdrawn.
const WITHDRAW_TIME: Duration = Duration::from_secs(5);

/// How an invocation ended.
pub enum CallResult {
    /// The worker sent a response.
    Answered(Box<InvocationResponse>),
    /// The function or the library failed. The host has printed the reason.
    Failed,
    /// The function answered, but one of its outputs could not be written. The host has printed the reason.
    NotWritten,
    /// The invocation took longer than `functionTimeout`.
    TimedOut,
    /// The worker ended before the invocation did.
    WorkerGone,
}

/// An invocation that is being watched.
pub struct Watched {
    /// Receives the result of the invocation.
    pub result: oneshot::Receiver<CallResult>,
    /// Shared with the task that forwards the request.
    pub signals: Signals,
}

/// Signals between the task that forwards a request and the task that watches its invocation.
#[derive(Clone, Default)]
pub struct Signals {
    /// The invocation has ended.
    pub ended: CancellationToken,
    /// The worker was told to end the invocation without calling the function. This is not a failure.
    pub withdrawn: CancellationToken,
    /// The body of the request broke off. The function will fail if it reads the body.
    pub body_broken: CancellationToken,
}

/// Watches an invocation until it ends, writes its outputs, and prints the reason if it fails. The outputs' expressions
/// may name values of `metadata`.
///
/// With HTTP streaming, the client has usually received the response before. Then only the log says that an output
/// could not be written.
pub fn watch(call: &Call<'_>, mut invocation: Invocation, metadata: HashMap<String, TypedData>) -> Watched {
    let (sender, result) = oneshot::channel();
    let signals = Signals::default();
    let Signals { ended, withdrawn, .. } = signals.clone();
    let (function, unsent, id) = (Arc::clone(call.function), Arc::clone(call.unsent), call.invocation_id.clone());
    let (deadline, worker, calls) = (call.deadline, Arc::clone(call.worker), call.calls.clone());
    call.worker.calls.spawn(async move {
        let _ended = ended.drop_guard();
        let failed = |how: &str| {
            console::error(&format!("function {} {id}{how}", function.name));
            calls.note(&id, "error", how.trim_start_matches([':', ' ']));
        };
        let result = tokio::select! {
            biased;
            answered = invocation.answer() => match answered {
                Err(_) => CallResult::WorkerGone,
                Ok(_) if withdrawn.is_cancelled() => return,
                Ok(mut response) => {
                    let status = response.result.as_ref();
                    if let Some(reason) = status.and_then(|status| worker_error::message(status, &worker.app.root)) {
                        failed(&format!(" failed: {reason}"));
                        CallResult::Failed
                    } else {
                        let values = Values { app: &worker.app, function: &function.name, metadata: &metadata };
                        match outputs::write(&values, &function, &id, &mut response, &unsent).await {
                            Ok(()) => CallResult::Answered(Box::new(response)),
                            Err(reason) => {
                                failed(&format!(" failed: {reason}"));
                                CallResult::NotWritten
                            }
                        }
                    }
                }
            },
            () = expired(deadline) => CallResult::TimedOut,
            () = async {
                withdrawn.cancelled().await;
                tokio::time::sleep(WITHDRAW_TIME).await;
            } => return,
        };
        match result {
            CallResult::TimedOut => failed(" took longer than functionTimeout allows"),
            CallResult::WorkerGone if !sender.is_closed() => failed(": the worker ended during the call"),
            _ => {}
        }
        let is_overdue = matches!(result, CallResult::TimedOut);
        drop(sender.send(result));
        if is_overdue {
            // Only the end of the worker stops the function. The client gets its answer first.
            worker.overdue.cancel();
        }
    });
    Watched { result, signals }
}
