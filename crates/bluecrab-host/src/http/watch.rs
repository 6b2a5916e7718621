//! An invocation, watched to its end whether or not its client stays.

use super::call::{Call, expired};
use crate::console;
use crate::worker::Invocation;
use crate::worker_error;
use bluecrab_rpc::InvocationResponse;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// How long the worker may take to end an invocation that has been withdrawn.
const WITHDRAW_TIME: Duration = Duration::from_secs(5);

/// How an invocation has ended.
pub enum CallResult {
    /// The worker has answered.
    Answered(Box<InvocationResponse>),
    /// The function, or the library, has failed. The reason is in the log.
    Failed,
    /// It took longer than `functionTimeout`.
    TimedOut,
    /// The worker ended first.
    WorkerGone,
}

/// An invocation that is watched.
pub struct Watched {
    /// Receives how it ended.
    pub result: oneshot::Receiver<CallResult>,
    /// Tells others that it has ended, and lets them withdraw it.
    pub signals: Signals,
}

/// What those who forward a request and the one who watches its invocation tell each other.
#[derive(Clone, Default)]
pub struct Signals {
    /// The invocation has ended.
    pub ended: CancellationToken,
    /// The worker was told to end the invocation without a call of the function: that is not a failure.
    pub withdrawn: CancellationToken,
    /// The request's body could not be read to its end; the function will fail for it, if it reads the body.
    pub body_broken: CancellationToken,
}

/// Watches an invocation to its end, and logs how it failed.
pub fn watch(call: &Call<'_>, mut invocation: Invocation) -> Watched {
    let (sender, result) = oneshot::channel();
    let signals = Signals::default();
    let (deadline, app, Signals { ended, withdrawn, .. }) =
        (call.deadline, Arc::clone(&call.worker.app), signals.clone());
    let call_name = format!("function {} {}", call.function.name, call.invocation_id);
    call.worker.calls.spawn(async move {
        let _ended = ended.drop_guard();
        let result = tokio::select! {
            biased;
            answered = invocation.answer() => match answered {
                Err(_) => CallResult::WorkerGone,
                Ok(_) if withdrawn.is_cancelled() => return,
                Ok(response) => match response.result.as_ref().and_then(|result| worker_error::message(result, &app.root)) {
                    Some(reason) => {
                        console::error(&format!("{call_name} failed: {reason}"));
                        CallResult::Failed
                    }
                    None => CallResult::Answered(Box::new(response)),
                },
            },
            () = expired(deadline) => CallResult::TimedOut,
            () = async {
                withdrawn.cancelled().await;
                tokio::time::sleep(WITHDRAW_TIME).await;
            } => return,
        };
        match result {
            CallResult::TimedOut => console::error(&format!("{call_name} took longer than functionTimeout allows")),
            CallResult::WorkerGone if !sender.is_closed() => {
                console::error(&format!("{call_name}: the worker ended during the call"))
            }
            _ => {}
        }
        drop(sender.send(result));
    });
    Watched { result, signals }
}
