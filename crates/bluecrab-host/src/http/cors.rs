//! Handles cross-origin requests (<https://fetch.spec.whatwg.org/#http-cors-protocol>) as `Host.CORS` in
//! local.settings.json says.
//!
//! As in Azure Functions Core Tools, an allowed page may use any method and any header field. Without `Host.CORS`, the
//! host adds nothing to responses, so an app can answer preflight requests itself.

use super::problem::empty;
use crate::app::Cors;
use crate::body::Answer;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue,
    ORIGIN, VARY,
};
use http::{Method, Request, StatusCode};

/// Answers a preflight request, which then reaches no function. Returns `None` for any other request.
pub fn preflight<B>(cors: &Cors, request: &Request<B>) -> Option<Answer> {
    let headers = request.headers();
    let method = headers.get(ACCESS_CONTROL_REQUEST_METHOD).filter(|_| request.method() == Method::OPTIONS)?;
    let origin = headers.get(ORIGIN)?;
    let mut answer = empty(StatusCode::NO_CONTENT);
    if allow(cors, origin, answer.headers_mut()) {
        answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_METHODS, method.clone());
        if let Some(fields) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_HEADERS, fields.clone());
        }
    }
    Some(answer)
}

/// Adds the header fields that let a page of this origin read a response. Returns whether the origin is allowed.
pub fn allow(cors: &Cors, origin: &HeaderValue, headers: &mut HeaderMap) -> bool {
    if !cors.allows_all() {
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
    let is_allowed = origin.to_str().is_ok_and(|origin| cors.allows(origin));
    if is_allowed {
        let allowed = if cors.allows_all() { HeaderValue::from_static("*") } else { origin.clone() };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if cors.credentials {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }
    is_allowed
}
