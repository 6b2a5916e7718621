//! The host's own routes, as the platform has them: `/admin/host/status`, `/admin/host/ping`, `/admin/functions`.

use super::problem::{empty, problem};
use super::server::Server;
use super::{Answer, whole};
use crate::reason;
use crate::worker::{Function, Worker, WorkerState};
use bluecrab_rpc::{InvocationRequest, ParameterBinding, TypedData};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

const BODY_BYTES: usize = 1 << 20;

/// Answers a request to a path below `/admin/`.
pub async fn answer(server: &Server, request: Request<Incoming>) -> Answer {
    let worker = match &*server.worker.borrow() {
        WorkerState::Ready(worker) => Some(Arc::clone(worker)),
        WorkerState::Starting | WorkerState::Failing => None,
    };
    let path = request.uri().path().trim_end_matches('/').to_owned();
    let functions = worker.as_ref().map(|worker| worker.functions.as_slice()).unwrap_or_default();
    match (request.method(), path.as_str()) {
        (&Method::GET, "/admin/host/status") => json_answer(&status(worker.as_deref())),
        (&Method::GET | &Method::POST, "/admin/host/ping") => empty(StatusCode::OK),
        (&Method::GET, "/admin/functions") => {
            let of_worker = |worker: &Arc<Worker>| -> Vec<Value> {
                worker.functions.iter().map(|function| describe(worker, function)).collect()
            };
            json_answer(&worker.iter().flat_map(of_worker).collect())
        }
        (method, path) => {
            let Some(name) = path.strip_prefix("/admin/functions/") else { return empty(StatusCode::NOT_FOUND) };
            let found = functions.iter().find(|function| function.name.eq_ignore_ascii_case(name));
            match (method, found, &worker) {
                (&Method::GET, Some(function), Some(worker)) => json_answer(&describe(worker, function)),
                (&Method::POST, Some(function), Some(worker)) => start(worker, function, request.into_body()).await,
                (&Method::GET | &Method::POST, ..) => empty(StatusCode::NOT_FOUND),
                _ => empty(StatusCode::METHOD_NOT_ALLOWED),
            }
        }
    }
}

fn status(worker: Option<&Worker>) -> Value {
    json!({
        "state": if worker.is_some() { "Running" } else { "Starting" },
        "version": env!("CARGO_PKG_VERSION"),
        "workerProcessId": worker.map(|worker| worker.process_id),
        "invocationsUnderWay": worker.map(|worker| worker.channel.running()),
    })
}

fn describe(worker: &Worker, function: &Function) -> Value {
    json!({
        "name": &*function.name,
        "language": "node",
        "isDisabled": function.is_disabled,
        "invoke_url_template": function.http.as_ref().map(|http| {
            format!("/{}", format!("{}/{}", worker.app.route_prefix, http.route).trim_matches('/'))
        }),
        "config": { "bindings": function.bindings },
    })
}

/// Runs a function that HTTP does not trigger, with `{"input": …}` as its trigger's value.
async fn start(worker: &Arc<Worker>, function: &Function, body: Incoming) -> Answer {
    if function.http.is_some() {
        return problem(StatusCode::BAD_REQUEST, "an HTTP function is called by its route");
    }
    let Ok(body) = Limited::new(body, BODY_BYTES).collect().await else {
        return problem(StatusCode::BAD_REQUEST, "the body cannot be read");
    };
    let body = body.to_bytes();
    let input = match serde_json::from_slice::<Value>(&body) {
        Ok(value) => value["input"].clone(),
        Err(_) if body.is_empty() => Value::Null,
        Err(error) => return problem(StatusCode::BAD_REQUEST, &format!("the body is not JSON: {error}")),
    };
    let data = match input {
        Value::String(text) => TypedData::string(text),
        other => TypedData::json(other.to_string()),
    };
    let request = InvocationRequest {
        invocation_id: uuid::Uuid::new_v4().to_string(),
        function_id: function.id.clone(),
        input_data: vec![ParameterBinding { name: function.trigger_name.clone(), data: Some(data) }],
        ..InvocationRequest::default()
    };
    let Ok(mut invocation) = worker.channel.invoke(&function.name, request) else {
        return empty(StatusCode::BAD_GATEWAY);
    };
    let (name, app) = (Arc::clone(&function.name), Arc::clone(&worker.app));
    tokio::spawn(async move {
        let answered = invocation.answer().await;
        if let Some(reason) = answered.ok().and_then(|answered| reason::of(&answered.result?, &app.root)) {
            crate::console::error(&format!("function {name} failed: {reason}"));
        }
    });
    empty(StatusCode::ACCEPTED)
}

fn json_answer(value: &Value) -> Answer {
    let mut response = Response::new(whole(value.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
