//! Invokes a function without an HTTP trigger because the developer asks for it.

use super::channel::WorkerGone;
use super::function::Function;
use super::state::Worker;
use crate::{console, worker_error};
use bluecrab_rpc::{InvocationRequest, ParameterBinding, TypedData};
use prost_types::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::SystemTime;

/// Invokes a function with a value for its trigger. If the invocation fails, the host prints the reason.
///
/// # Errors
/// Returns an error if the worker has ended.
pub fn run_by_hand(worker: &Arc<Worker>, function: &Function, input: Value) -> Result<(), WorkerGone> {
    let value = if function.trigger_type.eq_ignore_ascii_case("timerTrigger") { timer(function, input) } else { input };
    let data = match value {
        Value::String(text) => TypedData::string(text),
        other => TypedData::json(other.to_string()),
    };
    let id = uuid::Uuid::new_v4().to_string();
    let request = InvocationRequest {
        invocation_id: id.clone(),
        function_id: function.id.clone(),
        input_data: vec![ParameterBinding { name: function.trigger_name.clone(), data: Some(data) }],
        ..InvocationRequest::default()
    };
    let mut invocation = worker.channel.invoke(&function.name, request)?;
    let (name, app) = (Arc::clone(&function.name), Arc::clone(&worker.app));
    worker.calls.spawn(async move {
        let reason = match invocation.answer().await {
            Ok(answered) => answered.result.and_then(|result| worker_error::message(&result, &app.root)),
            Err(gone) => Some(gone.to_string()),
        };
        if let Some(reason) = reason {
            console::error(&format!("function {name} {id} failed: {reason}"));
        }
    });
    Ok(())
}

/// Builds the value of a timer trigger as the platform does for a timer that has never run: `next` is the current time.
/// If the input is an object, its members replace those of the value.
fn timer(function: &Function, input: Value) -> Value {
    let trigger = function.bindings.iter().find(|binding| binding["schedule"].is_string()).unwrap_or(&Value::Null);
    // A schedule without spaces is a time span, which daylight saving time does not shift.
    let is_time_span = trigger["schedule"].as_str().is_some_and(|schedule| !schedule.contains(' '));
    let never = "0001-01-01T00:00:00";
    let status = json!({
        "last": never,
        "next": Timestamp::from(SystemTime::now()).to_string(),
        "lastUpdated": never,
    });
    let mut timer = json!({
        "schedule": { "adjustForDST": !is_time_span },
        "scheduleStatus": if trigger["useMonitor"] == false { Value::Null } else { status },
        "isPastDue": false,
    });
    if let (Some(members), Value::Object(input)) = (timer.as_object_mut(), input) {
        members.extend(input);
    }
    timer
}
