//! The proxy path: the request itself is forwarded to the worker's HTTP listener, bodies streamed both ways.

use super::forward::{Forwarding, Lasting};
use super::invoke::{Call, broken_body, cause, is_broken_body, worker_gone};
use super::problem::problem;
use super::{Answer, Body, metadata, whole};
use crate::console;
use bluecrab_rpc::RpcHttp;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{
    CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Error;
use std::sync::Arc;
use std::time::Duration;

/// How long the HTTP answer may come after the worker has said over its stream that the invocation is over.
const LATE_ANSWER: Duration = Duration::from_secs(1);

/// Bodies up to this many bytes are read before the function is invoked, and can be sent once more.
const KEPT_BODY_BYTES: u64 = 64 << 10;

/// Header fields of a response; the runtime library takes a module's response of up to 1,000 to be right.
pub const MAX_RESPONSE_FIELDS: usize = 1024;

/// Invokes a function by forwarding the request to the worker's listener at `HOST:PORT`.
pub async fn answer(call: &Call<'_>, address: &str, length: Option<u64>, body: Body) -> Answer {
    let is_chunked = call.parts.headers.contains_key(TRANSFER_ENCODING);
    let (kept, mut streamed) = if is_chunked || length.is_some_and(|length| length > KEPT_BODY_BYTES) {
        (None, Some(body))
    } else {
        match body.collect().await {
            Ok(collected) => (Some(collected.to_bytes()), None),
            Err(error) => return broken_body(call, &*error),
        }
    };
    let parsed = kept.as_ref().filter(|_| metadata::is_parsed(&call.parts.headers, length));
    let invocation = call.invocation(RpcHttp::default(), parsed);
    let Some(head) = forwarded(call, address) else {
        return problem(StatusCode::BAD_REQUEST, "the request's address is not valid");
    };
    let Ok(invocation) = call.worker.channel.invoke(&call.function.name, invocation) else {
        return worker_gone(call).await;
    };
    let mut invocation = Lasting::new(invocation);
    let mut client = &call.server.client;
    let mut may_repeat = kept.is_some();
    loop {
        let body = kept.clone().map(whole).or_else(|| streamed.take()).unwrap_or_default();
        let mut forwarding = Forwarding::start(client, Request::from_parts(head.clone(), body));
        tokio::select! {
            biased;
            response = forwarding.response() => match response {
                // The invocation waits still, or runs already: it never runs twice.
                Err(error) if may_repeat && is_closed(&error) => {
                    (client, may_repeat) = (&call.server.fresh_client, false);
                }
                // Neither is it left to wait for a request whose body is lost.
                Err(error) if kept.is_none() && is_closed(&error) => {
                    Forwarding::break_off(&call.server.fresh_client, head);
                    return answered(call, Err(error)).await;
                }
                response => return answered(call, response).await,
            },
            ended = invocation.end() => return match ended {
                Err(_) => worker_gone(call).await,
                Ok(response) if call.failed(&response) => {
                    problem(StatusCode::INTERNAL_SERVER_ERROR, "the function failed; see the host's log")
                }
                Ok(_) => match tokio::time::timeout(LATE_ANSWER, forwarding.response()).await {
                    Ok(response) => answered(call, response).await,
                    Err(_) => problem(StatusCode::INTERNAL_SERVER_ERROR, "the function returned no response"),
                },
            },
        }
    }
}

/// Whether the worker has closed the connection before it answered: one that was idle for long, say.
fn is_closed(error: &Error) -> bool {
    !error.is_connect()
        && (cause::<std::io::Error>(error).is_some()
            || cause::<hyper::Error>(error).is_some_and(|error| error.is_incomplete_message() || error.is_canceled()))
}

/// The head of the request as it is forwarded.
fn forwarded(call: &Call<'_>, address: &str) -> Option<Parts> {
    let path = call.parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let uri = Uri::builder().scheme("http").authority(address).path_and_query(path).build().ok()?;
    let mut request = Request::builder().method(call.parts.method.clone()).uri(uri).body(()).ok()?;
    let headers = request.headers_mut();
    *headers = call.parts.headers.clone();
    let host = headers.remove(HOST).unwrap_or(HeaderValue::from_static("localhost"));
    drop_hop_by_hop(headers);
    headers.insert("x-forwarded-host", host);
    headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
    headers.insert("x-ms-invocation-id", HeaderValue::from_str(&call.invocation_id).ok()?);
    Some(request.into_parts().0)
}

async fn answered(call: &Call<'_>, response: Result<Response<Incoming>, Error>) -> Answer {
    let response = match response {
        Ok(response) => response,
        Err(error) if is_broken_body(&error) => return broken_body(call, &error),
        Err(error) if cause::<hyper::Error>(&error).is_some_and(hyper::Error::is_parse) => {
            return unreadable(call, &error);
        }
        Err(_) => return worker_gone(call).await,
    };
    let (mut parts, body) = response.into_parts();
    drop_hop_by_hop(&mut parts.headers);
    // The answer holds the worker: none is retired whose answers are still on their way.
    let worker = Arc::clone(call.worker);
    let body = body.map_err(move |error| {
        let _ = &worker;
        error.into()
    });
    Answer::from_parts(parts, body.boxed_unsync())
}

/// The answer to a response that is none.
fn unreadable(call: &Call<'_>, error: &Error) -> Answer {
    let (function, id) = (&call.function.name, &call.invocation_id);
    if cause::<hyper::Error>(error).is_some_and(hyper::Error::is_parse_too_large) {
        console::error(&format!(
            "function {function} {id}: its response has more than {MAX_RESPONSE_FIELDS} header fields, or too long ones"
        ));
    } else {
        console::error(&format!("function {function} {id}: its response is no HTTP: {error}"));
    }
    problem(StatusCode::INTERNAL_SERVER_ERROR, "the function's response has a head that cannot be read")
}

/// Removes the fields that concern one connection only (RFC 9110, section 7.6.1).
fn drop_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in [CONNECTION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
    headers.remove("keep-alive");
}
