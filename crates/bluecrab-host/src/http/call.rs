//! A request whose function is known.

use super::limits::Limits;
use super::metadata;
use super::problem::problem;
use super::request_body::BUFFERED_BYTES;
use crate::body::Answer;
use crate::calls::Calls;
use crate::console;
use crate::spans::Span;
use crate::trigger::{UnsentOutputs, Values, inputs};
use crate::worker::{Function, Invocation, NotSent, Worker};
use bluecrab_rpc::{InvocationRequest, ParameterBinding, RpcHttp, RpcTraceContext, TypedData, typed_data};
use bytes::Bytes;
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use http::request::Parts;
use http::uri::Scheme;
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, OnceLock};
use tokio::time::Instant;

/// A request whose function is known.
pub struct Call<'a> {
    pub limits: &'a Limits,
    pub worker: &'a Arc<Worker>,
    pub function: &'a Arc<Function>,
    /// Keeps the outputs that this host cannot send.
    pub unsent: &'a Arc<UnsentOutputs>,
    pub parts: Parts,
    /// The parameters of the function's route; an optional one may have no value.
    pub parameters: Vec<(String, Option<String>)>,
    pub invocation_id: String,
    /// The span of the invocation, if there is a collector.
    pub span: Option<Span>,
    /// When `functionTimeout` expires.
    pub deadline: Option<Instant>,
    /// When the worker was told to run the function, for the page.
    pub sent: OnceLock<std::time::Instant>,
    /// The last invocations, for the page.
    pub calls: &'a Calls,
}

impl Call<'_> {
    /// Makes the message that starts the invocation. It contains the request, the function's other inputs and the
    /// trigger metadata.
    ///
    /// # Errors
    /// Returns the response to send if an input cannot be read.
    pub async fn invocation(&self, http: RpcHttp, body: Option<&Bytes>) -> Result<InvocationRequest, Answer> {
        let headers = metadata::joined_headers(&self.parts.headers);
        let query = metadata::joined_query(self.parts.uri.query().unwrap_or_default());
        let is_small = |body: &&Bytes| (1..=BUFFERED_BYTES).contains(&(body.len() as u64));
        let members = body.filter(is_small).filter(|_| metadata::is_json(&self.parts.headers));
        let members = members.and_then(|body| metadata::members(body));
        let data = TypedData { data: Some(typed_data::Data::Http(Box::new(http))) };
        let trace_of_client = || {
            headers.get("traceparent").map(|parent| RpcTraceContext {
                trace_parent: parent.clone(),
                trace_state: headers.get("tracestate").cloned().unwrap_or_default(),
                attributes: HashMap::new(),
            })
        };
        let trace_context = self.span.as_ref().map(Span::context).or_else(trace_of_client);
        let trigger_metadata = metadata::trigger_metadata(&headers, &query, &self.parameters, members);
        let mut input_data = vec![ParameterBinding { name: self.function.trigger_name.clone(), data: Some(data) }];
        let values = Values { app: &self.worker.app, function: &self.function.name, metadata: &trigger_metadata };
        input_data.extend(inputs::read(&values, self.function).await.map_err(|reason| {
            self.log(&reason);
            problem(StatusCode::INTERNAL_SERVER_ERROR, &reason)
        })?);
        Ok(InvocationRequest {
            invocation_id: self.invocation_id.clone(),
            function_id: self.function.id.clone(),
            input_data,
            trigger_metadata,
            trace_context,
            retry_context: None,
        })
    }

    /// Sends the message that starts the invocation.
    ///
    /// # Errors
    /// Returns the response to send if the worker has ended or is overloaded, or if the message is too large.
    pub async fn invoke(&self, message: InvocationRequest) -> Result<Invocation, Answer> {
        if self.worker.channel.waiting_bytes() > self.limits.waiting_bytes {
            return Err(overloaded());
        }
        self.sent.get_or_init(std::time::Instant::now);
        match self.worker.channel.invoke(&self.function.name, message) {
            Ok(invocation) => Ok(invocation),
            Err(NotSent::WorkerGone(_)) => Err(worker_gone(self).await),
            Err(too_large @ NotSent::TooLarge(_)) => {
                let reason = too_large.to_string();
                self.log(&reason);
                Err(problem(StatusCode::INTERNAL_SERVER_ERROR, &reason))
            }
        }
    }

    /// Returns the trigger metadata that the expressions of the function's outputs may name.
    pub fn metadata_for_outputs(&self, invocation: &InvocationRequest) -> HashMap<String, TypedData> {
        if self.function.outputs.is_empty() { HashMap::new() } else { invocation.trigger_metadata.clone() }
    }

    /// Returns the route parameters that have a value.
    pub fn values(&self) -> impl Iterator<Item = (String, String)> {
        self.parameters.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?)))
    }

    /// Prints an error of this call.
    pub fn log(&self, reason: impl Display) {
        console::error(&format!("function {} {}: {reason}", self.function.name, self.invocation_id));
        self.calls.note(&self.invocation_id, "error", &reason.to_string());
    }

    /// Returns when `functionTimeout` has expired.
    pub async fn expired(&self) {
        expired(self.deadline).await;
    }
}

/// Returns `http` or `https`, whichever the client used.
pub fn scheme(parts: &Parts) -> &str {
    parts.extensions.get::<Scheme>().map_or("http", Scheme::as_str)
}

/// Returns when a deadline has expired; never returns without a deadline.
pub async fn expired(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// Returns the response to a call for which there may be no memory: requests stay in memory until the worker reads
/// them, even if their clients disconnect.
fn overloaded() -> Answer {
    let detail = "too many bytes of requests wait for the worker, whose event loop is busy; try again later";
    let mut answer = problem(StatusCode::SERVICE_UNAVAILABLE, detail);
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    answer
}

/// Returns the response to a call that took longer than `functionTimeout`. The platform answers 500 too
/// (azure-functions-host, `ExceptionMiddleware`).
pub fn timed_out() -> Answer {
    problem(StatusCode::INTERNAL_SERVER_ERROR, "the function took longer than functionTimeout in host.json allows")
}

/// Returns the response to a call that the worker broke off, usually because it ended.
///
/// When a worker ends, its connections close one after the other, at any distance. So this first asks the worker: if it
/// has ended, the host knows that before it answers, and a client that tries again reaches the next worker.
pub async fn worker_gone(call: &Call<'_>) -> Answer {
    let ended = call.worker.channel.check_status().await.is_err();
    let detail = if ended {
        "the worker ended during the call; the next call goes to another worker"
    } else {
        call.log("the worker closed the connection before it answered");
        "the worker closed the connection before it answered; the function may have run"
    };
    problem(StatusCode::BAD_GATEWAY, detail)
}
