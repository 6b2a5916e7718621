//! The webhook to which Event Grid posts events (azure-sdk-for-net, `HttpRequestProcessor.cs` and
//! `EventGridExtensionConfigProvider.cs`).

use super::client_body::ClientBody;
use super::fire;
use super::problem::{empty, json_answer, problem};
use crate::body::Answer;
use crate::trigger::event_grid::calls;
use crate::trigger::{Fired, RunError, Triggers};
use crate::worker::{Function, TriggerKind};
use http::{Method, Request, StatusCode};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// How many events of a request run at once.
const AT_ONCE: usize = 64;
/// Says what a request is about.
const KIND: &str = "aeg-event-type";

/// Answers a request to the webhook. Event Grid sends all events of a request again if one of them fails.
pub async fn answer(functions: &[Arc<Function>], triggers: &Triggers, request: Request<ClientBody>) -> Answer {
    if request.method() != Method::POST {
        return empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    let (parts, body) = request.into_parts();
    let name = function_name(parts.uri.query().unwrap_or_default());
    let is_named = |function: &&Arc<Function>| {
        *function.name == *name && function.trigger_kind == TriggerKind::EventGrid && !function.is_disabled
    };
    let Some(function) = functions.iter().find(is_named) else {
        let detail = format!("no function {name:?} has an Event Grid trigger: call this path with ?functionName=NAME");
        return problem(StatusCode::NOT_FOUND, &detail);
    };
    let body = match fire::read(body).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let kind = parts.headers.get(KIND).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match kind.to_ascii_lowercase().as_str() {
        "subscriptionvalidation" => match validation_code(&body) {
            Some(code) => json_answer(&json!({ "validationResponse": code })),
            None => problem(StatusCode::BAD_REQUEST, "the body has no data.validationCode"),
        },
        "notification" => match events_in(&body) {
            Ok(events) => notify(triggers, function, &events).await,
            Err(reason) => problem(StatusCode::BAD_REQUEST, &reason),
        },
        "unsubscribe" => empty(StatusCode::ACCEPTED),
        _ => problem(StatusCode::BAD_REQUEST, &format!("send the header `{KIND}: Notification`, as Event Grid does")),
    }
}

/// Reads `functionName=NAME` in a query.
fn function_name(query: &str) -> String {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let name = pairs.find(|(name, _)| name.eq_ignore_ascii_case("functionName"));
    name.map(|(_, name)| name.into_owned()).unwrap_or_default()
}

/// Reads the code that proves to Event Grid that this host wants its events. In the schema of CloudEvents, `data` is
/// JSON as a text.
fn validation_code(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let data = match &body {
        Value::Array(events) => events.first()?["data"].clone(),
        event => match &event["data"] {
            Value::String(text) => serde_json::from_str(text).ok()?,
            data => data.clone(),
        },
    };
    data["validationCode"].as_str().map(str::to_owned)
}

/// Reads a list of events, or one event.
fn events_in(body: &[u8]) -> Result<Vec<&RawValue>, String> {
    const WRONG: &str = "the body is neither an event nor a list of events";
    let events: Result<Vec<&RawValue>, _> = match body.trim_ascii_start().first() {
        Some(b'[') => serde_json::from_slice(body),
        _ => serde_json::from_slice(body).map(|event| vec![event]),
    };
    let events = events.map_err(|error| format!("{WRONG}: {error}"))?;
    let are_objects = events.iter().all(|event| event.get().starts_with('{'));
    if are_objects { Ok(events) } else { Err(format!("{WRONG}: an event is a JSON object")) }
}

/// Calls the function for all events, and waits until all calls have ended.
async fn notify(triggers: &Triggers, function: &Arc<Function>, events: &[&RawValue]) -> Answer {
    let now = jiff::Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%.7f%:z").to_string();
    let (invoker, function, calls) = (triggers.invoker.clone(), Arc::clone(function), calls(function, events));
    let (sender, ended) = oneshot::channel();
    // The calls go on if the sender of the events disconnects.
    triggers.spawn(async move {
        let (mut running, mut outcome) = (JoinSet::new(), Ok(()));
        for (value, metadata) in calls {
            if running.len() == AT_ONCE {
                outcome = outcome.and(next(&mut running).await);
            }
            let fired = Fired { value, metadata, reason: format!("EventGrid trigger fired at {now}") };
            let (invoker, function) = (invoker.clone(), Arc::clone(&function));
            running.spawn(async move { invoker.run(&function, fired).await });
        }
        while !running.is_empty() {
            outcome = outcome.and(next(&mut running).await);
        }
        drop(sender.send(outcome));
    });
    match ended.await.unwrap_or(Err(RunError::Stopped)) {
        Ok(()) => empty(StatusCode::ACCEPTED),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// Waits for the end of one of the calls.
async fn next(running: &mut JoinSet<Result<(), RunError>>) -> Result<(), RunError> {
    running.join_next().await.and_then(Result::ok).unwrap_or(Err(RunError::Stopped))
}
