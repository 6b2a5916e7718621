//! What the page shows beside invocations: the app's functions, its queues and blobs, and its timers.

use super::queues;
use crate::app::App;
use crate::route::{Parameter, Presence, Template};
use crate::trigger::{Triggers, is_event_grid};
use crate::worker::{Function, TriggerKind, Worker, WorkerState};
use serde_json::{Value, json};

/// How many of a timer's next times are shown.
const NEXT_TIMES: usize = 3;

/// Describes the app and its functions. `stale` says why older code than the app's newest serves.
pub fn app(state: &WorkerState, stale: Option<&str>, needs_key: bool) -> Value {
    let (state, reason, worker) = match state {
        WorkerState::Starting => ("starting", None, None),
        WorkerState::Failing => ("failing", None, None),
        WorkerState::Failed(reason) => ("failed", Some(reason), None),
        WorkerState::Ready(worker) => ("ready", None, Some(worker)),
    };
    let functions = worker.iter().flat_map(|worker| worker.functions.iter().map(|known| describe(known, &worker.app)));
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "name": worker.and_then(|worker| Some(worker.app.root.file_name()?.to_string_lossy())),
        "state": state,
        "reason": reason,
        "stale": stale.map(|reason| reason.lines().next()),
        "workerProcessId": worker.map(|worker| worker.process_id),
        "needsKey": needs_key,
        "functions": functions.collect::<Vec<_>>(),
    })
}

fn describe(function: &Function, app: &App) -> Value {
    let http = function.http.as_ref();
    let route = http.map(|http| http.route_below(&app.route_prefix));
    json!({
        "name": &*function.name,
        "trigger": function.trigger_type,
        "isDisabled": function.is_disabled,
        "isMany": function.is_many(),
        "auth": http.map(|http| http.auth_level.name()),
        "methods": http.map(|http| http.methods.iter().map(|method| method.as_str()).collect::<Vec<_>>()),
        "route": route,
        "path": route.as_deref().map(path_of),
    })
}

/// Returns the path of a route whose parameters are to be filled in: `/rows/{id:int}` becomes `/rows/{id}`.
fn path_of(route: &str) -> String {
    let value = |parameter: &Parameter| {
        Ok(match (&parameter.default, parameter.presence) {
            (Some(default), _) => parameter.escape(default),
            (None, Presence::Required) => format!("{{{}}}", parameter.name),
            (None, Presence::Optional | Presence::CatchAll) => String::new(),
        })
    };
    // The host has refused functions with other routes.
    Template::parse(route).and_then(|template| template.path(value)).unwrap_or_default()
}

/// Looks at the queues, blobs and timers of the app's functions.
pub async fn queues_and_timers(worker: &Worker, triggers: &Triggers) -> Value {
    let (mut queues, mut timers) = (Vec::new(), Vec::new());
    for function in worker.functions.iter().filter(|function| !function.is_disabled) {
        match function.trigger_kind {
            TriggerKind::Queue => queues.push(queues::look(function, &worker.app).await),
            TriggerKind::Blob if !is_event_grid(function) => queues.push(queues::look(function, &worker.app).await),
            TriggerKind::Timer => timers.push(timer(function, &worker.app, triggers)),
            _ => {}
        }
    }
    json!({ "queues": queues, "timers": timers })
}

fn timer(function: &Function, app: &App, triggers: &Triggers) -> Value {
    let next = triggers.timers.next_times(function, app, NEXT_TIMES);
    let (next, error) = next.map_or_else(|reason| (Vec::new(), Some(reason)), |next| (next, None));
    json!({
        "function": &*function.name,
        "schedule": function.trigger()["schedule"],
        "next": next.iter().map(|next| next.timestamp().to_string()).collect::<Vec<_>>(),
        "error": error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_a_path_of_a_route() {
        for (route, path) in [
            ("/api/rows", "/api/rows"),
            ("/api/rows/{id:int}/{name?}", "/api/rows/{id}/"),
            ("/api/{year=2026}/{*rest}", "/api/2026/"),
            ("/api/{name}.{extension?}", "/api/{name}"),
            (r"/api/{{x}}/{id:regex(^\d{{3}}$)}", "/api/%7Bx%7D/{id}"),
            ("/", "/"),
        ] {
            assert_eq!(path_of(route), path);
        }
    }
}
