//! Finds the function for a request and invokes it.

use super::call::{Call, scheme};
use super::client_body::ClientBody;
use super::limits::Limits;
use super::problem::{empty, problem};
use super::request_body::RequestBody;
use super::{app_rules, proxy, rpc};
use crate::body::Answer;
use crate::calls::{Cause, Payload, Recording};
use crate::console;
use crate::keys::{self, AuthLevel, Keys};
use crate::route::RouteMatch;
use crate::trigger::Triggers;
use crate::worker::{Function, Worker, WorkerState};
use http::header::{ALLOW, HeaderValue, RETRY_AFTER};
use http::{Method, Request, StatusCode};
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Marks the answer to a request that no function takes, for the page.
#[derive(Clone, Copy)]
pub struct NoFunction;

/// Answers a request to the app.
pub async fn answer(
    limits: &Limits,
    state: watch::Receiver<WorkerState>,
    triggers: &Triggers,
    keys: Option<&Keys>,
    request: Request<ClientBody>,
) -> Answer {
    let arrived = std::time::Instant::now();
    let Some((worker, _in_use)) = ready_worker(limits, state).await else {
        let mut answer =
            problem(StatusCode::SERVICE_UNAVAILABLE, "the app's worker is not running; see the host's log");
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        answer.extensions_mut().insert(NoFunction);
        return answer;
    };
    let function = async |request| find_and_call(limits, &worker, triggers, keys, request, arrived).await;
    app_rules::apply(&worker.app, request, function).await
}

async fn find_and_call(
    limits: &Limits,
    worker: &Arc<Worker>,
    triggers: &Triggers,
    keys: Option<&Keys>,
    request: Request<ClientBody>,
    arrived: std::time::Instant,
) -> Answer {
    let (function, parameters) = match worker.routes.find(request.method(), request.uri().path()) {
        RouteMatch::Function(function, parameters) => (&worker.functions[function], parameters),
        RouteMatch::OtherMethods(methods) => return other_method(&request, &methods),
        RouteMatch::Nothing => {
            let mut answer = empty(StatusCode::NOT_FOUND);
            answer.extensions_mut().insert(NoFunction);
            return answer;
        }
    };
    if let Some(refusal) = refusal(function, keys, &request) {
        return refusal;
    }
    let body_bytes = worker.app.body_bytes.unwrap_or(limits.body_bytes);
    let limits = Limits { body_bytes, ..limits.clone() };
    let (parts, body) = request.into_parts();
    let body = match RequestBody::read(&parts.headers, body, &limits, worker.http.is_some()).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let invocation_id = uuid::Uuid::new_v4().to_string();
    let field = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let (caller, state) = (field("traceparent"), field("tracestate"));
    let mut span = worker.app.spans.start(function, &invocation_id, caller, state);
    if let (Some(span), Some(http)) = (&mut span, &function.http) {
        let route = http.route_below(&worker.app.route_prefix);
        span.requested(&parts.method, scheme(&parts), parts.uri.path(), &route);
    }
    let mut call = Call {
        limits: &limits,
        worker,
        function,
        unsent: &triggers.unsent,
        parts,
        parameters,
        invocation_id,
        span,
        deadline: worker.app.function_timeout.and_then(|limit| Instant::now().checked_add(limit)),
        sent: OnceLock::new(),
        calls: &triggers.calls,
    };
    let started = Instant::now();
    let cause = Cause::Http { method: call.parts.method.clone(), uri: call.parts.uri.clone() };
    let received = || Payload::of_request(&call.parts.headers, &call.parameters, &body);
    let recording = Recording::begin(&triggers.calls, &function.name, &call.invocation_id, cause, arrived, received);
    let answer = match &worker.http {
        Some(pool) => proxy::answer(&call, pool, body).await,
        None => rpc::answer(&call, body).await,
    };
    if let Some(mut span) = call.span.take() {
        span.answered(answer.status().as_u16());
    }
    let request = || format!("{} {}", call.parts.method, call.parts.uri.path());
    console::answered(&function.name, &call.invocation_id, request, answer.status(), started.elapsed());
    recording.answered(answer, &call.parts.method, call.sent.get())
}

/// Returns the answer to a request whose function must not be called, before its body is read.
fn refusal(function: &Function, keys: Option<&Keys>, request: &Request<ClientBody>) -> Option<Answer> {
    let (headers, query) = (request.headers(), request.uri().query());
    if let (Some(keys), Some(http)) = (keys, &function.http)
        && !keys.allow(http.auth_level, &function.name, headers, query)
    {
        return Some(no_key(function, http.auth_level));
    }
    if function.is_disabled && !keys.is_some_and(|keys| keys.allow_admin(headers, query)) {
        let detail = format!("the function {} is disabled by an app setting", function.name);
        return Some(problem(StatusCode::NOT_FOUND, &detail));
    }
    let has_no_request = [Method::TRACE, Method::CONNECT].contains(request.method());
    has_no_request.then(|| no_request_of_node(function, request.method()))
}

/// Answers a request without the key that its function needs.
fn no_key(function: &Function, level: AuthLevel) -> Answer {
    let detail = format!(
        "the function {} has the authLevel `{}`: send a key as the header x-functions-key or as ?code=; the keys are in \
         {} of the app's folder",
        function.name,
        level.name(),
        keys::FILE
    );
    problem(StatusCode::UNAUTHORIZED, &detail)
}

/// Answers a method that a `Request` of Node.js cannot have. On the platform, `@azure/functions` fails when it makes
/// the request, before it calls the function.
fn no_request_of_node(function: &Function, method: &Method) -> Answer {
    let detail = format!("Node.js passes no {method} request to a function (`new Request` refuses the method)");
    console::error(&format!("function {}: {detail}", function.name));
    problem(StatusCode::INTERNAL_SERVER_ERROR, &detail)
}

/// Waits for a ready worker. The worker is not retired until the token is dropped.
async fn ready_worker(
    limits: &Limits,
    mut state: watch::Receiver<WorkerState>,
) -> Option<(Arc<Worker>, TaskTrackerToken)> {
    // Skip a worker that has just ended: the next worker answers.
    let ready = state.wait_for(|state| match state {
        WorkerState::Starting => false,
        WorkerState::Failing | WorkerState::Failed(_) => true,
        WorkerState::Ready(worker) => worker.takes_calls(),
    });
    match &*tokio::time::timeout(limits.worker_wait, ready).await.ok()?.ok()? {
        // While the state is borrowed, it cannot change. So the worker is not retired before the token is taken.
        WorkerState::Ready(worker) => Some((Arc::clone(worker), worker.calls.token())),
        _ => None,
    }
}

/// Answers a method that the route does not have with 404, as the platform does, and adds an explanation.
fn other_method(request: &Request<ClientBody>, methods: &[Method]) -> Answer {
    let allowed = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    let detail =
        format!("{} is not allowed for {}; allowed methods: {allowed}", request.method(), request.uri().path());
    let mut answer = problem(StatusCode::NOT_FOUND, &detail);
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        answer.headers_mut().insert(ALLOW, allowed);
    }
    answer
}
