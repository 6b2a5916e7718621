//! From a request to the function that answers it.

use super::problem::{empty, problem};
use super::server::Server;
use super::{Answer, Body, BoxError, app_rules, metadata, proxy, rpc};
use crate::console;
use crate::reason;
use crate::route::RouteMatch;
use crate::worker::{Function, Worker, WorkerState};
use bluecrab_rpc::{InvocationRequest, InvocationResponse, ParameterBinding, RpcHttp, TypedData, typed_data};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_LENGTH, HeaderValue, RETRY_AFTER, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{Request, StatusCode};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tower_http::timeout::TimeoutBody;

/// How long the end of the worker's stream may follow that of its other connections; a worker that lives has not ended.
const NOTICE_TIME: Duration = Duration::from_secs(1);

/// A request that has found its function.
pub struct Call<'a> {
    pub server: &'a Server,
    pub worker: &'a Arc<Worker>,
    pub function: &'a Function,
    pub parts: Parts,
    pub parameters: Vec<(String, String)>,
    pub invocation_id: String,
}

/// Answers a request to one of the app's routes.
pub async fn answer(server: &Server, request: Request<Incoming>) -> Answer {
    let Some(worker) = ready_worker(server).await else {
        let mut answer =
            problem(StatusCode::SERVICE_UNAVAILABLE, "the app's worker is not running; see the host's log");
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        return answer;
    };
    app_rules::apply(&worker.app, request, async |request| find_and_call(server, &worker, request).await).await
}

async fn find_and_call(server: &Server, worker: &Arc<Worker>, request: Request<Incoming>) -> Answer {
    let (function, parameters) = match worker.routes.find(request.method(), request.uri().path()) {
        RouteMatch::Function(function, parameters) => (&worker.functions[function], parameters),
        RouteMatch::OtherMethods(methods) => return other_method(&request, &methods),
        RouteMatch::Nothing => return empty(StatusCode::NOT_FOUND),
    };
    if function.is_disabled {
        let detail = format!("the function {} is disabled by an app setting", function.name);
        return problem(StatusCode::NOT_FOUND, &detail);
    }
    let limit = worker.app.body_bytes.unwrap_or(server.limits.body_bytes);
    let length = content_length(&request);
    if length.is_some_and(|length| length > limit) {
        return too_large(limit);
    }
    let (parts, body) = request.into_parts();
    let invocation_id = uuid::Uuid::new_v4().to_string();
    let call = Call { server, worker, function, parts, parameters, invocation_id };
    let body = bounded(server, limit, body);
    let answering = async {
        match &worker.http_address {
            Some(address) => proxy::answer(&call, address, length, body).await,
            None => rpc::answer(&call, length, body).await,
        }
    };
    let Some(limit) = worker.app.function_timeout else { return answering.await };
    tokio::time::timeout(limit, answering).await.unwrap_or_else(|_| {
        console::error(&format!("function {} took longer than functionTimeout allows", function.name));
        problem(StatusCode::GATEWAY_TIMEOUT, "the function took longer than functionTimeout in host.json allows")
    })
}

async fn ready_worker(server: &Server) -> Option<Arc<Worker>> {
    let mut state = server.worker.clone();
    // A worker that has just died is not waited on: its successor answers.
    let ready = state.wait_for(|state| match state {
        WorkerState::Starting => false,
        WorkerState::Failing | WorkerState::Failed(_) => true,
        WorkerState::Ready(worker) => !worker.channel.is_closed(),
    });
    match &*tokio::time::timeout(server.limits.worker_wait, ready).await.ok()?.ok()? {
        WorkerState::Ready(worker) => Some(Arc::clone(worker)),
        _ => None,
    }
}

/// The platform's router answers 404 to a method that a route does not have; so do we, and say why.
fn other_method(request: &Request<Incoming>, methods: &[hyper::Method]) -> Answer {
    let allowed = methods.iter().map(hyper::Method::as_str).collect::<Vec<_>>().join(", ");
    let detail = format!("{} is not a method of {}; its methods: {allowed}", request.method(), request.uri().path());
    let mut answer = problem(StatusCode::NOT_FOUND, &detail);
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        answer.headers_mut().insert(ALLOW, allowed);
    }
    answer
}

fn content_length(request: &Request<Incoming>) -> Option<u64> {
    if request.headers().contains_key(TRANSFER_ENCODING) {
        return None;
    }
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A request's body that could not be read to its end.
#[derive(Debug, thiserror::Error)]
#[error("the request's body broke off")]
struct BrokenBody(#[source] BoxError);

/// The request's body with the limits on size and pauses; its errors are [`BrokenBody`].
fn bounded(server: &Server, limit: u64, body: Incoming) -> Body {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let timed = TimeoutBody::new(server.limits.body_pause, body);
    Limited::new(timed, limit).map_err(|error| BoxError::from(BrokenBody(error))).boxed_unsync()
}

fn too_large(limit: u64) -> Answer {
    let detail = format!(
        "the body is longer than the {limit} bytes that a request may have (FUNCTIONS_REQUEST_BODY_SIZE_LIMIT)"
    );
    problem(StatusCode::PAYLOAD_TOO_LARGE, &detail)
}

type Error<'a> = &'a (dyn std::error::Error + 'static);

/// The cause of an error that is of this kind.
pub(super) fn cause<T: std::error::Error + 'static>(error: Error<'_>) -> Option<&T> {
    std::iter::successors(Some(error), |error| error.source()).find_map(|cause| cause.downcast_ref())
}

fn has_cause<T: std::error::Error + 'static>(error: Error<'_>) -> bool {
    cause::<T>(error).is_some()
}

/// Whether the request's body is the cause of an error.
pub(super) fn is_broken_body(error: Error<'_>) -> bool {
    has_cause::<BrokenBody>(error)
}

/// The answer to a body that could not be read to its end.
pub(super) fn broken_body(call: &Call<'_>, error: Error<'_>) -> Answer {
    if has_cause::<http_body_util::LengthLimitError>(error) {
        too_large(call.worker.app.body_bytes.unwrap_or(call.server.limits.body_bytes))
    } else if has_cause::<tower_http::timeout::TimeoutError>(error) {
        problem(StatusCode::REQUEST_TIMEOUT, "the request's body stopped coming")
    } else {
        problem(StatusCode::BAD_REQUEST, "the request's body ended too early")
    }
}

/// The answer where the worker has broken off the call, most often because it ended.
///
/// It comes once the host knows of that end, whichever of the worker's connections has told of it first: what a client
/// asks after it waits for the next worker.
pub(super) async fn worker_gone(call: &Call<'_>) -> Answer {
    let ended = tokio::time::timeout(NOTICE_TIME, call.worker.channel.closed()).await.is_ok();
    let (what, then) = if ended {
        ("the worker ended during the call", "the next call goes to another one")
    } else {
        ("the worker closed the connection before it answered", "the function may have run")
    };
    console::error(&format!("function {} {}: {what}", call.function.name, call.invocation_id));
    problem(StatusCode::BAD_GATEWAY, &format!("{what}; {then}"))
}

impl Call<'_> {
    /// The message that starts the invocation, with the request as the worker wants it and the trigger's metadata.
    pub fn invocation(&self, http: RpcHttp, body: Option<&Bytes>) -> InvocationRequest {
        let headers = metadata::joined_headers(&self.parts.headers);
        let query = metadata::joined_query(self.parts.uri.query().unwrap_or_default());
        let members = body.and_then(|body| metadata::members(body));
        let data = TypedData { data: Some(typed_data::Data::Http(Box::new(http))) };
        InvocationRequest {
            invocation_id: self.invocation_id.clone(),
            function_id: self.function.id.clone(),
            input_data: vec![ParameterBinding { name: self.function.trigger_name.clone(), data: Some(data) }],
            trigger_metadata: metadata::trigger_metadata(&headers, &query, &self.parameters, members),
            trace_context: self.parts.headers.get("traceparent").and_then(|value| value.to_str().ok()).map(|parent| {
                bluecrab_rpc::RpcTraceContext {
                    trace_parent: parent.to_owned(),
                    trace_state: String::new(),
                    attributes: HashMap::new(),
                }
            }),
            retry_context: None,
        }
    }

    /// Logs the failure that a worker reports; true where it reports one.
    pub fn failed(&self, response: &InvocationResponse) -> bool {
        let Some(reason) = response.result.as_ref().and_then(|result| reason::of(result, &self.worker.app.root)) else {
            return false;
        };
        console::error(&format!("function {} {} failed: {reason}", self.function.name, self.invocation_id));
        true
    }
}
