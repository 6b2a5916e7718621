//! Invokes a function over gRPC: the request and the response are part of the messages.

use super::call::{Call, scheme, timed_out, worker_gone};
use super::problem::{empty, problem};
use super::request_body::RequestBody;
use super::watch::{CallResult, watch};
use super::{cookie, metadata, response_fields};
use crate::body::{Answer, whole};
use bluecrab_rpc::{InvocationResponse, RpcHttp, TypedData, typed_data};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue, SET_COOKIE, TRANSFER_ENCODING};
use http::{Response, StatusCode};
use typed_data::Data;

/// Invokes a function with a message that contains the request.
pub async fn answer(call: &Call<'_>, body: RequestBody) -> Answer {
    let body = match body.into_bytes(call.limits).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let invocation = match call.invocation(request(call, body.clone()), Some(&body)).await {
        Ok(invocation) => invocation,
        Err(refused) => return refused,
    };
    let metadata = call.metadata_for_outputs(&invocation);
    let invocation = match call.invoke(invocation).await {
        Ok(invocation) => invocation,
        Err(refused) => return refused,
    };
    match watch(call, invocation, metadata).result.await {
        Ok(CallResult::Answered(answered)) => response(call, *answered),
        Ok(CallResult::Failed | CallResult::NotWritten) => empty(StatusCode::INTERNAL_SERVER_ERROR),
        Ok(CallResult::TimedOut) => timed_out(),
        Ok(CallResult::WorkerGone) | Err(_) => worker_gone(call).await,
    }
}

fn request(call: &Call<'_>, body: Bytes) -> RpcHttp {
    let authority = call.parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let path = call.parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let query = call.parts.uri.query().unwrap_or_default();
    RpcHttp {
        method: call.parts.method.to_string(),
        url: format!("{}://{}{path}", scheme(&call.parts), authority.unwrap_or("localhost")),
        body: (!body.is_empty()).then(|| Box::new(TypedData { data: Some(Data::Bytes(body)) })),
        nullable_headers: metadata::nullable(metadata::joined_headers(&call.parts.headers)),
        nullable_query: metadata::nullable(metadata::joined_query(query)),
        nullable_params: metadata::nullable(call.values()),
        ..RpcHttp::default()
    }
}

fn response(call: &Call<'_>, answered: InvocationResponse) -> Answer {
    let returned = answered.return_value.and_then(|value| value.data);
    let http = match returned {
        Some(Data::Http(http)) => Some(*http),
        Some(other) => return Response::new(whole(bytes_of(other))),
        None => {
            let output = call.function.http.as_ref().and_then(|http| http.output.as_deref());
            let named = answered.output_data.into_iter().find(|binding| Some(binding.name.as_str()) == output);
            match named.and_then(|binding| binding.data).and_then(|data| data.data) {
                Some(Data::Http(http)) => Some(*http),
                _ => None,
            }
        }
    };
    let Some(http) = http else { return empty(StatusCode::NO_CONTENT) };
    let body = http.body.and_then(|body| body.data);
    let content_type = match body {
        Some(Data::Json(_)) => Some("application/json; charset=utf-8"),
        Some(Data::String(_)) => Some("text/plain; charset=utf-8"),
        _ => None,
    };
    let mut response = Response::new(whole(body.map(bytes_of).unwrap_or_default()));
    let status = http.status_code.parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
    *response.status_mut() = status.unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    let cookies = http.cookies.iter().map(|cookie| (SET_COOKIE.to_string(), cookie::text(cookie)));
    for (name, value) in http.headers.into_iter().chain(cookies) {
        match field(&name, &value) {
            Ok((CONTENT_LENGTH | TRANSFER_ENCODING, _)) => {}
            Ok((name, value)) => drop(headers.append(name, value)),
            Err(refusal) => {
                call.log(&refusal);
                return problem(StatusCode::INTERNAL_SERVER_ERROR, &refusal);
            }
        }
    }
    if let Some(content_type) = content_type {
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
    }
    response
}

/// Makes a header field of a response, or returns why it cannot be sent.
fn field(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    if let Some(refusal) = response_fields::refusal(name, value.as_bytes()) {
        return Err(refusal);
    }
    let valid_name = HeaderName::from_bytes(name.as_bytes());
    let valid_name = valid_name.map_err(|_| format!("{name:?} is not the name of a response header"))?;
    let value = HeaderValue::from_str(value).map_err(|_| format!("the response header {name:?} cannot be sent"))?;
    Ok((valid_name, value))
}

fn bytes_of(data: Data) -> Bytes {
    match data {
        Data::Bytes(bytes) | Data::Stream(bytes) => bytes,
        Data::String(text) | Data::Json(text) => text.into(),
        Data::Int(number) => number.to_string().into(),
        Data::Double(number) => number.to_string().into(),
        _ => Bytes::new(),
    }
}
