//! The developer's page at `/`: functions, their last invocations, queues and timers.
//!
//! The page is a few static files. Its data comes from paths below `/admin/page`, which have the rules of `/admin`. An
//! invocation pays for a short record only: nothing else is collected while no page is open.

mod events;
mod files;
mod memory;
mod queues;
mod sources;
mod state;

pub use state::Page;

use crate::body::Answer;
use crate::http::{ClientBody, check_caller, empty, is_json, json_answer, problem, read_body};
use crate::keys;
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Map, Value, json};
use std::net::IpAddr;

/// The path of everything that the page loads.
const FOLDER: &str = "/admin/page/";

impl Page {
    /// Returns whether a request asks for the page, and its client may see it.
    pub fn is_wanted<B>(client: IpAddr, path: &str, request: &Request<B>) -> bool {
        path == "/"
            && [Method::GET, Method::HEAD].contains(request.method())
            && check_caller(client, request.headers()).is_ok()
    }

    /// Returns the page itself, which contains no data.
    pub fn document() -> Answer {
        files::document()
    }

    /// Returns whether the page loads a path.
    pub fn owns(path: &str) -> bool {
        path.starts_with(FOLDER)
    }

    /// Handles a request to a path that [`owns`](Self::owns) accepts.
    pub async fn answer(&self, client: IpAddr, path: &str, request: Request<ClientBody>) -> Answer {
        let (method, headers) = (request.method(), request.headers());
        if let Err(reason) = check_caller(client, headers).and_then(|()| check_site(headers)) {
            return problem(StatusCode::FORBIDDEN, &reason);
        }
        let path = path.strip_prefix(FOLDER).unwrap_or_default();
        if let (&Method::GET | &Method::HEAD, Some(file)) = (method, files::find(path)) {
            return file;
        }
        if self.keys.as_ref().is_some_and(|keys| !keys.allow_admin(headers, request.uri().query())) {
            return problem(StatusCode::UNAUTHORIZED, &format!("the page needs the key `masterKey` of {}", keys::FILE));
        }
        match (method, path.split('/').collect::<Vec<_>>().as_slice()) {
            (&Method::GET, ["events"]) => events::answer(self.clone()),
            (&Method::GET, ["calls", id]) => match self.triggers.calls.details(id) {
                Some(details) => json_answer(&details),
                None => problem(StatusCode::NOT_FOUND, "the host has forgotten this invocation"),
            },
            (&Method::POST, ["queues", function, "send-again"]) => self.send_again(function, request).await,
            _ => empty(StatusCode::NOT_FOUND),
        }
    }

    /// Moves messages from the poison queue of a function back to its queue: the message that the body names, or all.
    async fn send_again(&self, function: &str, request: Request<ClientBody>) -> Answer {
        if !is_json(request.headers()) {
            return problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send the body as JSON, with its Content-Type");
        }
        let Some(worker) = self.worker() else {
            return problem(StatusCode::SERVICE_UNAVAILABLE, "no worker is ready; see the host's log");
        };
        let Some(function) = worker.functions.iter().find(|known| *known.name == *function) else {
            return empty(StatusCode::NOT_FOUND);
        };
        let body = match read_body(request.into_body()).await {
            Ok(body) => body,
            Err(refused) => return refused,
        };
        let wanted: Map<String, Value> = match serde_json::from_slice(&body) {
            Ok(wanted) => wanted,
            Err(error) => return problem(StatusCode::BAD_REQUEST, &format!("the body is not {{\"id\": …}}: {error}")),
        };
        match queues::send_again(function, &worker.app, wanted.get("id").and_then(Value::as_str)).await {
            Ok(sent) => json_answer(&json!({ "sent": sent })),
            Err(reason) => problem(StatusCode::BAD_GATEWAY, &reason),
        }
    }
}

/// Refuses requests that a browser sends for a page of another site. Such a page cannot read the answers, but it could
/// keep streams open.
fn check_site(headers: &HeaderMap) -> Result<(), String> {
    match headers.get("sec-fetch-site") {
        Some(site) if site == "cross-site" => Err("the page does not answer pages of other sites".to_owned()),
        _ => Ok(()),
    }
}
