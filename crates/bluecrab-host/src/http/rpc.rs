//! The gRPC path: request and response travel whole inside the invocation's messages.

use super::cookie;
use super::forward::Lasting;
use super::invoke::{Call, broken_body, worker_gone};
use super::problem::empty;
use super::{Answer, Body, metadata, whole};
use bluecrab_rpc::{InvocationResponse, NullableString, RpcHttp, TypedData, nullable_string, typed_data};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE, TRANSFER_ENCODING};
use hyper::{Response, StatusCode};
use std::collections::HashMap;
use typed_data::Data;

/// Invokes a function with the request inside the message.
///
/// As on the platform, a body without a Content-Length does not reach the function.
pub async fn answer(call: &Call<'_>, length: Option<u64>, body: Body) -> Answer {
    let body = if length.is_some_and(|length| length > 0) {
        match body.collect().await {
            Ok(collected) => Some(collected.to_bytes()),
            Err(error) => return broken_body(call, &*error),
        }
    } else {
        None
    };
    let parsed = body.as_ref().filter(|_| metadata::is_parsed(&call.parts.headers, length)).cloned();
    let invocation = call.invocation(request(call, body), parsed.as_ref());
    let answered = match call.worker.channel.invoke(&call.function.name, invocation) {
        Ok(invocation) => Lasting::new(invocation).end().await,
        Err(gone) => Err(gone),
    };
    match answered {
        Err(_) => worker_gone(call).await,
        Ok(answered) if call.failed(&answered) => empty(StatusCode::INTERNAL_SERVER_ERROR),
        Ok(answered) => response(call, answered),
    }
}

fn request(call: &Call<'_>, body: Option<Bytes>) -> RpcHttp {
    let authority = call.parts.headers.get(hyper::header::HOST).and_then(|host| host.to_str().ok());
    let path = call.parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let query = call.parts.uri.query().unwrap_or_default();
    RpcHttp {
        method: call.parts.method.to_string(),
        url: format!("http://{}{path}", authority.unwrap_or("localhost")),
        body: body.map(|bytes| Box::new(TypedData { data: Some(Data::Bytes(bytes)) })),
        nullable_headers: nullable(metadata::joined_headers(&call.parts.headers)),
        nullable_query: nullable(metadata::joined_query(query)),
        nullable_params: nullable(call.parameters.iter().cloned()),
        ..RpcHttp::default()
    }
}

fn nullable(pairs: impl IntoIterator<Item = (String, String)>) -> HashMap<String, NullableString> {
    let value = |value| NullableString { string: Some(nullable_string::String::Value(value)) };
    pairs.into_iter().map(|(name, text)| (name, value(text))).collect()
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
    let text = matches!(http.body.as_ref().and_then(|body| body.data.as_ref()), Some(Data::String(_)));
    let json = matches!(http.body.as_ref().and_then(|body| body.data.as_ref()), Some(Data::Json(_)));
    let body = http.body.and_then(|body| body.data).map(bytes_of).unwrap_or_default();
    let mut response = Response::new(whole(body));
    let status = http.status_code.parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
    *response.status_mut() = status.unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    for (name, value) in http.headers {
        let pair = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()));
        let (Ok(name), Ok(value)) = pair else { continue };
        if name != CONTENT_LENGTH && name != TRANSFER_ENCODING {
            headers.append(name, value);
        }
    }
    if !headers.contains_key(CONTENT_TYPE) && (text || json) {
        let kind = if json { "application/json; charset=utf-8" } else { "text/plain; charset=utf-8" };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    for cookie in http.cookies {
        if let Ok(value) = HeaderValue::from_str(&cookie::text(&cookie)) {
            headers.append(SET_COOKIE, value);
        }
    }
    response
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
