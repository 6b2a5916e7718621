//! Signs requests with an account's key.
//!
//! Source: "Authorize with Shared Key" in the REST reference of Azure Storage
//! (<https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key>).

use super::account::Service;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::Method;
use http::header::{CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, DATE, HeaderMap, HeaderName};
use http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, RANGE};
use ring::hmac;

/// What a signature covers.
pub struct Signed<'a> {
    pub service: Service,
    pub account: &'a str,
    pub method: &'a Method,
    /// The path as it is sent.
    pub path: &'a str,
    /// The query, decoded.
    pub query: &'a [(String, String)],
    pub headers: &'a HeaderMap,
    pub length: usize,
}

/// Returns the value of the `Authorization` header.
pub fn authorization(request: &Signed<'_>, key: &hmac::Key) -> String {
    let signature = hmac::sign(key, text_of(request).as_bytes());
    format!("SharedKey {}:{}", request.account, BASE64.encode(signature))
}

/// Returns the text that is signed.
fn text_of(request: &Signed<'_>) -> String {
    let header =
        |name: &HeaderName| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_md5 = HeaderName::from_static("content-md5");
    if request.service == Service::Table {
        let date = header(&HeaderName::from_static("x-ms-date"));
        let parts = [request.method.as_str(), header(&content_md5), header(&CONTENT_TYPE), date];
        let component = request.query.iter().find(|(name, _)| name == "comp");
        let component = component.map(|(_, value)| format!("?comp={value}")).unwrap_or_default();
        return format!("{}\n/{}{}{component}", parts.join("\n"), request.account, request.path);
    }
    let length = if request.length == 0 { String::new() } else { request.length.to_string() };
    let parts = [
        request.method.as_str(),
        header(&CONTENT_ENCODING),
        header(&CONTENT_LANGUAGE),
        &length,
        header(&content_md5),
        header(&CONTENT_TYPE),
        header(&DATE),
        header(&IF_MODIFIED_SINCE),
        header(&IF_MATCH),
        header(&IF_NONE_MATCH),
        header(&IF_UNMODIFIED_SINCE),
        header(&RANGE),
    ];
    let mut text = parts.join("\n");
    text.push('\n');
    let mut own: Vec<_> = request.headers.iter().filter(|(name, _)| name.as_str().starts_with("x-ms-")).collect();
    own.sort_by_key(|(name, _)| name.as_str());
    for (name, value) in own {
        text += &format!("{name}:{}\n", value.to_str().unwrap_or_default());
    }
    text += &format!("/{}{}", request.account, request.path);
    let mut query: Vec<_> = request.query.iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
    query.sort();
    for (name, value) in query {
        text += &format!("\n{name}:{value}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    /// The first text is the example of the REST reference.
    #[test]
    fn signs_the_text_of_the_reference() {
        let headers = headers(&[("x-ms-version", "2015-02-21"), ("x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT")]);
        let query = [("restype", "container"), ("comp", "metadata"), ("timeout", "20")];
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut request = Signed {
            service: Service::Blob,
            account: "myaccount",
            method: &Method::GET,
            path: "/mycontainer",
            query: &query,
            headers: &headers,
            length: 0,
        };
        assert_eq!(
            text_of(&request),
            "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n\
             /myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20"
        );
        request.length = 11;
        request.method = &Method::PUT;
        assert!(text_of(&request).starts_with("PUT\n\n\n11\n"));
        request.service = Service::Table;
        assert_eq!(text_of(&request), "PUT\n\n\nFri, 26 Jun 2015 23:39:12 GMT\n/myaccount/mycontainer?comp=metadata");
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"key");
        assert!(authorization(&request, &key).starts_with("SharedKey myaccount:"));
    }
}
