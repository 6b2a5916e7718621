//! Cross-origin requests (<https://fetch.spec.whatwg.org/#http-cors-protocol>), by `Host.CORS` of local.settings.json.
//!
//! As in Azure Functions Core Tools, an allowed page may use any method and any header field. Without `Host.CORS` nothing
//! is added to a response, so that an app may answer preflight requests itself.

use super::Answer;
use super::problem::empty;
use crate::app::Cors;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue,
    ORIGIN, VARY,
};
use http::{Method, Request, StatusCode};

/// The answer to a preflight request; no function sees one.
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

/// Lets a page of this origin read a response, if it is allowed to.
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
