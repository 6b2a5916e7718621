//! The proxy path: the request itself is forwarded to the worker's HTTP listener, bodies streamed both ways.

use super::invoke::{Call, broken_body, is_broken_body, worker_gone};
use super::problem::problem;
use super::{Answer, Body, metadata, whole};
use bluecrab_rpc::RpcHttp;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{
    CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use hyper::{Request, StatusCode, Uri};
use std::time::Duration;

/// How long the HTTP answer may come after the worker has said over its stream that the invocation is over.
const LATE_ANSWER: Duration = Duration::from_secs(1);

/// Invokes a function by forwarding the request to the worker's listener at `HOST:PORT`.
pub async fn answer(call: &Call<'_>, address: &str, length: Option<u64>, body: Body) -> Answer {
    let (body, parsed) = if metadata::is_parsed(&call.parts.headers, length) {
        match body.collect().await {
            Ok(collected) => {
                let bytes = collected.to_bytes();
                (whole(bytes.clone()), Some(bytes))
            }
            Err(error) => return broken_body(call.server, &*error),
        }
    } else {
        (body, None)
    };
    let Some(request) = forwarded(call, address, body) else {
        return problem(StatusCode::BAD_REQUEST, "the request's address is not valid");
    };
    let invocation = call.invocation(RpcHttp::default(), parsed.as_ref());
    let Ok(mut invocation) = call.worker.channel.invoke(&call.function.name, invocation) else {
        return worker_gone(call).await;
    };
    let mut forwarding = std::pin::pin!(call.server.client.request(request));
    tokio::select! {
        biased;
        response = &mut forwarding => {
            // The invocation lasts until the worker says so; its log lines still belong to it.
            tokio::spawn(async move { drop(invocation.answer().await) });
            answered(call, response).await
        }
        ended = invocation.answer() => match ended {
            Err(_) => worker_gone(call).await,
            Ok(response) if call.failed(&response) => {
                problem(StatusCode::INTERNAL_SERVER_ERROR, "the function failed; see the host's log")
            }
            Ok(_) => match tokio::time::timeout(LATE_ANSWER, forwarding).await {
                Ok(response) => answered(call, response).await,
                Err(_) => problem(StatusCode::INTERNAL_SERVER_ERROR, "the function returned no response"),
            },
        },
    }
}

fn forwarded(call: &Call<'_>, address: &str, body: Body) -> Option<Request<Body>> {
    let path = call.parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let uri = Uri::builder().scheme("http").authority(address).path_and_query(path).build().ok()?;
    let mut request = Request::builder().method(call.parts.method.clone()).uri(uri).body(body).ok()?;
    let headers = request.headers_mut();
    *headers = call.parts.headers.clone();
    let host = headers.remove(HOST).unwrap_or(HeaderValue::from_static("localhost"));
    drop_hop_by_hop(headers);
    headers.insert("x-forwarded-host", host);
    headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
    headers.insert("x-ms-invocation-id", HeaderValue::from_str(&call.invocation_id).ok()?);
    Some(request)
}

async fn answered(
    call: &Call<'_>,
    response: Result<hyper::Response<Incoming>, hyper_util::client::legacy::Error>,
) -> Answer {
    let response = match response {
        Ok(response) => response,
        Err(error) if is_broken_body(&error) => return broken_body(call.server, &error),
        Err(_) => return worker_gone(call).await,
    };
    let (mut parts, body) = response.into_parts();
    drop_hop_by_hop(&mut parts.headers);
    Answer::from_parts(parts, body.map_err(Into::into).boxed_unsync())
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
