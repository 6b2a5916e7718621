//! Fires a function because a request asks for it: `POST /admin/functions/NAME`.
//!
//! As on the platform, the answer is 202 before the function runs. A client that sends `Prefer: wait` (RFC 7240) gets
//! the function's result instead, when the function has ended.

use super::client_body::ClientBody;
use super::metadata::media_type;
use super::problem::{empty, json_answer, problem};
use crate::body::Answer;
use crate::trigger::{ByHand, Item, RunError, Triggers};
use crate::worker::{Function, Worker};
use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::oneshot;
use uuid::Uuid;

const BODY_BYTES: usize = 1 << 20;
const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// Fires a function that has no HTTP trigger. `{"input": …}` in the body is the value of its trigger.
pub async fn answer(
    worker: &Arc<Worker>,
    triggers: &Triggers,
    function: &Arc<Function>,
    request: Request<ClientBody>,
) -> Answer {
    if !is_json(request.headers()) {
        let detail = "send the body as JSON, with the header `Content-Type: application/json`, as `curl --json` does";
        return problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
    }
    if let Some(http) = &function.http {
        let detail = format!("call an HTTP function by its route, `{}`", http.route);
        return problem(StatusCode::BAD_REQUEST, &detail);
    }
    let waits = prefers_to_wait(request.headers());
    let body = match read(request.into_body()).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let fired = match ByHand::read(&body) {
        Ok(call) => call.fire(function, &worker.app, &triggers.timers).await,
        Err(reason) => Err(reason),
    };
    let fired = match fired {
        Ok(fired) => fired,
        Err(reason) => return problem(StatusCode::BAD_REQUEST, &reason),
    };
    let (sender, ended) = oneshot::channel();
    let (invoker, function) = (triggers.invoker.clone(), Arc::clone(function));
    let (name, id) = (Arc::clone(&function.name), Uuid::new_v4().to_string());
    let id_of_call = id.clone();
    // The function runs to its end even if the client does not wait that long.
    triggers.spawn(async move { drop(sender.send(invoker.call_as(&id_of_call, &function, fired).await)) });
    if !waits {
        return empty(StatusCode::ACCEPTED);
    }
    let mut answer = match ended.await.unwrap_or(Err(RunError::Stopped)) {
        Ok(returned) => json_answer(&json!({
            "invocationId": id,
            "returned": returned.and_then(Item::returned),
            "outputs": triggers.unsent.of(&name).iter().filter(|output| output.is_of(&id)).collect::<Vec<_>>(),
        })),
        Err(RunError::Failed(reason)) => problem(StatusCode::INTERNAL_SERVER_ERROR, &reason),
        Err(stopped @ RunError::Stopped) => problem(StatusCode::SERVICE_UNAVAILABLE, &stopped.to_string()),
    };
    answer.headers_mut().insert(PREFERENCE_APPLIED, HeaderValue::from_static("wait"));
    answer
}

/// Returns whether a body is JSON. A page of another site can send this content type only after a preflight request.
pub fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers) == "application/json"
}

/// Reads the body of a request.
pub async fn read(body: ClientBody) -> Result<Bytes, Answer> {
    match Limited::new(body, BODY_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(_) => Err(problem(StatusCode::BAD_REQUEST, "the body broke off or is longer than 1 MiB")),
    }
}

/// Returns whether one of the preferences is `wait`. A number of seconds with it is ignored.
fn prefers_to_wait(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(PREFER).into_iter().filter_map(|value| value.to_str().ok());
    let mut names = lists.flat_map(|list| list.split(',')).map(|preference| preference.split(['=', ';']).next());
    names.any(|name| name.is_some_and(|name| name.trim().eq_ignore_ascii_case("wait")))
}
