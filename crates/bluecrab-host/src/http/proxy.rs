//! Invokes a function by forwarding its request to the worker's HTTP listener. Bodies are streamed in both directions.

use super::call::{Call, scheme, timed_out, worker_gone};
use super::forward::{INVOCATION_ID, forward};
use super::problem::problem;
use super::request_body::{self, RequestBody};
use super::watch::{CallResult, Watched, watch};
use super::{metadata, response_fields};
use crate::body::{Answer, BoxError};
use crate::console;
use crate::worker::{Channel, HttpPool, MAX_RESPONSE_FIELDS};
use bluecrab_rpc::{NullableString, RpcHttp};
use bytes::Bytes;
use http::header::{
    CONNECTION, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::request::Parts;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use std::collections::HashMap;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio_util::sync::DropGuard;

/// The gRPC stream reports that an invocation has ended. A worker that is not busy sends the HTTP response, or the rest
/// of it, within this time.
const LATE_ANSWER: Duration = Duration::from_secs(1);

/// Invokes a function by forwarding the request to the worker's HTTP listener.
pub async fn answer(call: &Call<'_>, pool: &HttpPool, body: RequestBody) -> Answer {
    let Some(head) = forwarded(call) else {
        return problem(StatusCode::BAD_REQUEST, "the request's target is not valid");
    };
    let connection = tokio::select! {
        biased;
        () = call.worker.channel.closed() => return worker_gone(call).await,
        connection = pool.acquire() => match connection {
            Ok(connection) => connection,
            Err(_) => return worker_gone(call).await,
        },
        () = call.expired() => {
            call.log("the worker's event loop did not accept the call before functionTimeout expired");
            call.worker.overdue.cancel();
            return timed_out();
        }
    };
    let buffered = if let RequestBody::Buffered(bytes) = &body { Some(bytes) } else { None };
    let http = RpcHttp { nullable_params: reserved(call), ..RpcHttp::default() };
    let invocation = match call.invocation(http, buffered).await {
        Ok(invocation) => invocation,
        Err(refused) => return refused,
    };
    let metadata = call.metadata_for_outputs(&invocation);
    let invocation = match call.invoke(invocation).await {
        Ok(invocation) => invocation,
        Err(refused) => return refused,
    };
    let Watched { mut result, signals } = watch(call, invocation, metadata);
    let mut forwarding = forward(call, pool, connection, head, body, signals.clone());
    let ended = tokio::select! {
        biased;
        response = &mut forwarding.response => return respond(call, response, forwarding.client, Some(result)).await,
        ended = &mut result => ended,
    };
    match ended {
        // The function answered. The end of the invocation and the response take different connections, so the
        // response may arrive later. An output that could not be written does not change it.
        Ok(CallResult::Answered(_) | CallResult::NotWritten) => tokio::select! {
            biased;
            response = &mut forwarding.response => respond(call, response, forwarding.client, None).await,
            () = overdue(call.worker.channel.clone()) => {
                problem(StatusCode::INTERNAL_SERVER_ERROR, "the function returned no response")
            }
        },
        Ok(CallResult::Failed) if !signals.body_broken.is_cancelled() => {
            problem(StatusCode::INTERNAL_SERVER_ERROR, "the function failed; see the host's log")
        }
        Ok(CallResult::TimedOut) => timed_out(),
        Ok(CallResult::WorkerGone) => worker_gone(call).await,
        // The invocation was withdrawn, or failed because its request body broke off. The response says why.
        Ok(CallResult::Failed) | Err(_) => {
            respond(call, (&mut forwarding.response).await, forwarding.client, None).await
        }
    }
}

/// Returns the route parameters named `Headers` and `Query`, which the trigger metadata cannot contain because these
/// names have another meaning there. This project's worker reads them from the request message.
fn reserved(call: &Call<'_>) -> HashMap<String, NullableString> {
    let is_reserved = |name: &str| name == "Headers" || name == "Query";
    metadata::nullable(call.values().filter(|(name, _)| is_reserved(name)))
}

/// Builds the head of the forwarded request.
fn forwarded(call: &Call<'_>) -> Option<Parts> {
    let path = call.parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let uri: Uri = path.parse().ok()?;
    let mut request = Request::builder().method(call.parts.method.clone()).uri(uri).body(()).ok()?;
    let headers = request.headers_mut();
    *headers = call.parts.headers.clone();
    let host = headers.remove(HOST).unwrap_or(HeaderValue::from_static("localhost"));
    drop_hop_by_hop(headers);
    // The host itself answers `Expect: 100-continue`, and Node.js refuses any other expectation.
    headers.remove(EXPECT);
    headers.insert(HOST, HeaderValue::from_static("localhost"));
    headers.insert("x-forwarded-host", host);
    headers.insert("x-forwarded-proto", HeaderValue::from_str(scheme(&call.parts)).ok()?);
    headers.insert(INVOCATION_ID, HeaderValue::from_str(&call.invocation_id).ok()?);
    Some(request.into_parts().0)
}

type Received = Result<Result<Response<Incoming>, hyper::Error>, oneshot::error::RecvError>;

async fn respond(
    call: &Call<'_>,
    received: Received,
    client: DropGuard,
    result: Option<oneshot::Receiver<CallResult>>,
) -> Answer {
    let response = match received {
        Ok(Ok(response)) => response,
        Ok(Err(error)) if request_body::is_broken(&error) => return request_body::broken(call.limits, &error),
        Ok(Err(error)) if error.is_parse() => return unreadable(call, &error),
        Ok(Err(_)) | Err(_) => return worker_gone(call).await,
    };
    if response.headers().get(INVOCATION_ID).is_none_or(|id| *id != *call.invocation_id) {
        return refused(call, response.status());
    }
    let (mut parts, body) = response.into_parts();
    drop_hop_by_hop(&mut parts.headers);
    let mut refusals =
        parts.headers.iter().filter_map(|(name, value)| response_fields::refusal(name.as_str(), value.as_bytes()));
    if let Some(refusal) = refusals.next() {
        call.log(&refusal);
        return problem(StatusCode::INTERNAL_SERVER_ERROR, &refusal);
    }
    let name = format!("function {} {}", call.function.name, call.invocation_id);
    let body = WatchedBody { body, result, rest: None, channel: call.worker.channel.clone(), name, _client: client };
    Answer::from_parts(parts, body.boxed_unsync())
}

/// Returns the response to a request that Node.js itself refused. The function was not called.
fn refused(call: &Call<'_>, status: StatusCode) -> Answer {
    let detail = match status {
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            "the request's header is larger than the worker's Node.js accepts (option --max-http-header-size)"
                .to_owned()
        }
        status => format!("the worker's Node.js refused the request: {status}"),
    };
    call.log(&detail);
    let is_error = status.is_client_error() || status.is_server_error();
    problem(if is_error { status } else { StatusCode::BAD_GATEWAY }, &detail)
}

/// Answers 500 because the function's response is not valid HTTP.
fn unreadable(call: &Call<'_>, error: &hyper::Error) -> Answer {
    if error.is_parse_too_large() {
        call.log(format_args!(
            "the response has more than {MAX_RESPONSE_FIELDS} header fields, or fields that are too long"
        ));
    } else {
        call.log(format_args!("the response is not valid HTTP: {error}"));
    }
    problem(StatusCode::INTERNAL_SERVER_ERROR, "the function's response has a head that cannot be read")
}

/// Removes the hop-by-hop header fields (RFC 9110, section 7.6.1).
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

/// The body of a response. It breaks off if the function fails before its end, because the library would leave such a
/// response open. If only an output could not be written, the client receives the whole body.
struct WatchedBody {
    body: Incoming,
    /// Receives the result of the invocation; `None` after it has been received.
    result: Option<oneshot::Receiver<CallResult>>,
    /// Completes when the rest of the body is overdue. Runs after the end of the invocation.
    rest: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    channel: Channel,
    name: String,
    /// Says that the client has the whole response, or has gone.
    _client: DropGuard,
}

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(Some(Err(error))) => {
                console::error(&format!("{}: the worker broke off its response: {error}", self.name));
                return Poll::Ready(Some(Err(error.into())));
            }
            Poll::Ready(frame) => {
                self.rest = None;
                return Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)));
            }
            Poll::Pending => {}
        }
        if let Some(result) = &mut self.result {
            let ended = ready!(Pin::new(result).poll(context));
            self.result = None;
            if matches!(ended, Ok(CallResult::Failed | CallResult::TimedOut)) {
                return Poll::Ready(Some(Err("the function ended before its response did".into())));
            }
        }
        let channel = self.channel.clone();
        ready!(self.rest.get_or_insert_with(|| Box::pin(overdue(channel))).as_mut().poll(context));
        console::error(&format!("{}: its response ended before the length that its Content-Length names", self.name));
        Poll::Ready(Some(Err("the response is shorter than its Content-Length".into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Waits until the worker must have sent everything that the function wrote. A busy event loop delays both.
async fn overdue(channel: Channel) {
    tokio::time::sleep(LATE_ANSWER).await;
    let _ = channel.check_status().await;
    tokio::time::sleep(LATE_ANSWER).await;
}
