//! The host's own routes, as on the platform: below `/admin/host` and `/admin/functions`, and the webhooks of MCP and
//! Event Grid.
//!
//! Without `--auth` these routes run functions without a key. So they answer only programs on this machine, and no web
//! page of another site can make a browser send a request: neither with a form, nor with a script, nor with a name that
//! resolves to this machine (DNS rebinding).

use super::client_body::ClientBody;
use super::fire;
use super::problem::{empty, json_answer, problem};
use crate::body::Answer;
use crate::keys::{self, EVENT_GRID_KEY, Keys, MCP_KEY};
use crate::trigger::{MCP_PATH, Mcp, Triggers, event_grid};
use crate::worker::{Function, Worker, WorkerState};
use http::header::{HOST, HeaderMap, HeaderValue, ORIGIN};
use http::uri::Authority;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::watch;

/// The first path segments that the platform reserves (azure-functions-host, `ReservedRouteGuardMiddleware`).
const RESERVED: [&str; 2] = ["admin", "runtime"];

/// Returns whether the host reserves a decoded path, in any case. No function receives such a request.
pub fn owns(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    RESERVED.iter().any(|reserved| first.eq_ignore_ascii_case(reserved))
}

/// Handles a request to a reserved path.
pub async fn answer(
    state: &watch::Receiver<WorkerState>,
    triggers: &Triggers,
    mcp: &Mcp,
    keys: Option<&Keys>,
    client: IpAddr,
    path: &str,
    request: Request<ClientBody>,
) -> Answer {
    let path = path.trim_matches('/').to_lowercase();
    if path == "admin/host/ping" && [Method::GET, Method::POST].contains(request.method()) {
        return empty(StatusCode::OK);
    }
    if let Err(reason) = check_caller(client, request.headers()) {
        return problem(StatusCode::FORBIDDEN, &reason);
    }
    let (is_mcp, is_event_grid) = (path == MCP_PATH, path.eq_ignore_ascii_case(event_grid::PATH));
    if let Some(keys) = keys {
        let (headers, query) = (request.headers(), request.uri().query());
        // Each extension with a webhook has a key (azure-functions-host, `DefaultScriptWebHookProvider.GetKeyName`).
        let system_key = is_mcp.then_some(MCP_KEY).or(is_event_grid.then_some(EVENT_GRID_KEY));
        let is_allowed = match system_key {
            Some(name) => keys.allow_system(name, headers, query),
            None => keys.allow_admin(headers, query),
        };
        if !is_allowed {
            let name = system_key.unwrap_or("masterKey");
            let reason = format!("/{path} needs the key `{name}` of {}", keys::FILE);
            let mut refused = problem(StatusCode::UNAUTHORIZED, &reason);
            refused.headers_mut().extend(keys.prove(headers));
            return refused;
        }
    }
    if is_mcp {
        return mcp.answer(request).await;
    }
    let worker = match &*state.borrow() {
        WorkerState::Ready(worker) => Some(Arc::clone(worker)),
        _ => None,
    };
    let functions = worker.as_ref().map(|worker| worker.functions.as_slice()).unwrap_or_default();
    if is_event_grid {
        let answer = super::event_grid::answer(functions, triggers, request);
        return if worker.is_some() { answer.await } else { no_worker() };
    }
    match (request.method(), path.as_str()) {
        (&Method::GET, "admin/host/status") => json_answer(&status(worker.as_deref())),
        (&Method::POST, "admin/host/drain") => {
            triggers.drain();
            empty(StatusCode::ACCEPTED)
        }
        (&Method::GET, "admin/host/drain/status") => {
            let running = worker.map(|worker| worker.channel.running()).unwrap_or_default();
            json_answer(&json!({ "state": triggers.drain_state(running) }))
        }
        (&Method::GET, "admin/functions") => {
            let of_worker = |worker: &Arc<Worker>| -> Vec<Value> {
                worker.functions.iter().map(|function| describe(worker, function)).collect()
            };
            json_answer(&worker.iter().flat_map(of_worker).collect())
        }
        (method, path) => {
            let Some(name) = path.strip_prefix("admin/functions/") else { return empty(StatusCode::NOT_FOUND) };
            let (name, of_outputs) = name.strip_suffix("/outputs").map_or((name, false), |name| (name, true));
            let found = functions.iter().find(|function| function.name.eq_ignore_ascii_case(name));
            match (method, found, &worker) {
                (&Method::GET, Some(function), _) if of_outputs => {
                    json_answer(&json!(triggers.unsent.of(&function.name)))
                }
                (&Method::GET, Some(function), Some(worker)) => json_answer(&describe(worker, function)),
                (&Method::POST, Some(function), Some(worker)) if !of_outputs => {
                    fire::answer(worker, triggers, function, request).await
                }
                (&Method::POST, _, None) => no_worker(),
                (&Method::GET | &Method::POST, ..) => empty(StatusCode::NOT_FOUND),
                _ => empty(StatusCode::METHOD_NOT_ALLOWED),
            }
        }
    }
}

/// Refuses a caller that may not be a program on this machine.
///
/// # Errors
/// Returns a sentence for the caller.
pub fn check_caller(client: IpAddr, headers: &HeaderMap) -> Result<(), String> {
    if !client.to_canonical().is_loopback() {
        return Err(format!(
            "/admin and /runtime answer only programs on the host's machine; this request came from {client}"
        ));
    }
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let host = headers.get(HOST).map(text).unwrap_or_default();
    if !host.parse::<Authority>().is_ok_and(|host| is_loopback(host.host())) {
        return Err(format!(
            "/admin and /runtime answer only requests to localhost or 127.0.0.1; this request has the Host `{host}`"
        ));
    }
    let origins: Vec<_> = headers.get_all(ORIGIN).iter().map(text).collect();
    match origins.as_slice() {
        [] => Ok(()),
        [origin] if is_loopback_page(origin) => Ok(()),
        _ => {
            let origins = origins.join("`, `");
            Err(format!(
                "/admin and /runtime do not answer web pages of other sites; this request has the Origin `{origins}`"
            ))
        }
    }
}

/// Returns whether an Origin belongs to a web page on this machine: `http://HOST` or `https://HOST`, with an optional
/// port.
fn is_loopback_page(origin: &str) -> bool {
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    // An authority may contain user information, which an Origin cannot (RFC 6454, section 7).
    let host = host.filter(|host| !host.contains('@')).and_then(|host| host.parse::<Authority>().ok());
    host.is_some_and(|host| is_loopback(host.host()))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.to_canonical().is_loopback())
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
        "invoke_url_template": function.http.as_ref().map(|http| http.route_below(&worker.app.route_prefix)),
        "config": { "bindings": function.bindings },
    })
}

fn no_worker() -> Answer {
    problem(StatusCode::SERVICE_UNAVAILABLE, "no worker is ready; see the host's log")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "127.0.0.1";

    fn check<'a>(client: &str, host: &str, origins: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        for origin in origins {
            headers.append(ORIGIN, origin.parse().unwrap());
        }
        check_caller(client.parse().unwrap(), &headers)
    }

    #[test]
    fn answers_programs_of_this_machine_only() {
        for (client, host, origin) in [
            (HERE, "localhost:7071", None),
            (HERE, "LOCALHOST", None),
            (HERE, "127.0.0.1:7071", Some("http://127.0.0.1:3000")),
            (HERE, "127.9.9.9", Some("https://localhost")),
            ("::1", "[::1]:7071", Some("http://[::1]:7071")),
            ("::ffff:127.0.0.1", "localhost", None),
        ] {
            assert_eq!(check(client, host, origin), Ok(()), "{client} {host} {origin:?}");
        }
        for (client, host, origin, part) in [
            ("192.0.2.7", "localhost", None, "from 192.0.2.7"),
            ("::ffff:192.0.2.7", "localhost", None, "only programs"),
            (HERE, "evil.example", None, "`evil.example`"),
            (HERE, "localhost.evil.example", None, "Host"),
            (HERE, "127.0.0.1.evil.example", None, "Host"),
            (HERE, "0.0.0.0:7071", None, "Host"),
            (HERE, "192.0.2.1", None, "Host"),
            (HERE, "", None, "Host"),
            (HERE, "localhost", Some("http://evil.example"), "`http://evil.example`"),
            (HERE, "localhost", Some("http://localhost.evil.example"), "Origin"),
            (HERE, "localhost", Some("null"), "Origin"),
            (HERE, "localhost", Some("file://"), "Origin"),
            (HERE, "localhost", Some(""), "Origin"),
            (HERE, "localhost", Some("localhost"), "Origin"),
            (HERE, "localhost", Some("chrome-extension://localhost"), "Origin"),
            (HERE, "localhost", Some("http://evil@localhost"), "Origin"),
            (HERE, "localhost", Some("http://localhost@evil.example"), "Origin"),
            (HERE, "localhost", Some("http://localhost/page"), "Origin"),
            (HERE, "localhost", Some("http://localhost http://evil.example"), "Origin"),
        ] {
            let refused = check(client, host, origin).unwrap_err();
            assert!(refused.contains(part), "{client} {host} {origin:?}: {refused}");
        }
        for origins in [["http://localhost", "http://evil.example"], ["http://localhost", "http://localhost"]] {
            assert!(check(HERE, "localhost", origins).is_err(), "{origins:?}");
        }
    }

    #[test]
    fn owns_the_paths_of_the_platform() {
        assert!(["/admin", "/ADMIN/x", "//admin/", "/runtime/webhooks"].into_iter().all(owns));
        assert!(!["/", "/administrators", "/api/admin", "/admin.html"].into_iter().any(owns));
    }
}
