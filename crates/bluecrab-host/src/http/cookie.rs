//! Formats cookies from the worker's messages by RFC 6265, section 4.1.

use bluecrab_rpc::{
    NullableBool, NullableString, RpcHttpCookie, nullable_bool, nullable_double, nullable_string, nullable_timestamp,
    rpc_http_cookie::SameSite,
};
use cookie::{Cookie, Expiration, time::OffsetDateTime};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters that ASP.NET Core's `ResponseCookies.Append` encodes in a value (`Uri.EscapeDataString`).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Formats the value of the header field Set-Cookie.
pub fn text(cookie: &RpcHttpCookie) -> String {
    let value = utf8_percent_encode(&cookie.value, ENCODED).to_string();
    let mut built = Cookie::build((cookie.name.as_str(), value));
    if let Some(domain) = string(cookie.domain.as_ref()) {
        built = built.domain(domain);
    }
    if let Some(path) = string(cookie.path.as_ref()) {
        built = built.path(path);
    }
    if let Some(nullable_double::Double::Value(seconds)) = cookie.max_age.as_ref().and_then(|value| value.double) {
        built = built.max_age(cookie::time::Duration::seconds(seconds as i64));
    }
    if let Some(nullable_timestamp::Timestamp::Value(at)) = cookie.expires.as_ref().and_then(|value| value.timestamp)
        && let Ok(at) = OffsetDateTime::from_unix_timestamp(at.seconds)
    {
        built = built.expires(Expiration::from(at));
    }
    let same_site = match cookie.same_site() {
        SameSite::None => None,
        SameSite::Lax => Some(cookie::SameSite::Lax),
        SameSite::Strict => Some(cookie::SameSite::Strict),
        SameSite::ExplicitNone => Some(cookie::SameSite::None),
    };
    if let Some(same_site) = same_site {
        built = built.same_site(same_site);
    }
    built.secure(flag(cookie.secure.as_ref())).http_only(flag(cookie.http_only.as_ref())).to_string()
}

fn string(value: Option<&NullableString>) -> Option<&str> {
    let nullable_string::String::Value(text) = value?.string.as_ref()?;
    Some(text)
}

fn flag(value: Option<&NullableBool>) -> bool {
    matches!(value.and_then(|value| value.bool), Some(nullable_bool::Bool::Value(true)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bluecrab_rpc::{NullableDouble, NullableTimestamp};

    #[test]
    fn writes_every_attribute() {
        let string =
            |text: &str| Some(NullableString { string: Some(nullable_string::String::Value(text.to_owned())) });
        let flag = Some(NullableBool { bool: Some(nullable_bool::Bool::Value(true)) });
        let at = nullable_timestamp::Timestamp::Value(prost_types::Timestamp { seconds: 784_111_777, nanos: 0 });
        let mut cookie = RpcHttpCookie {
            name: "id".to_owned(),
            value: "a/b é".to_owned(),
            domain: string("example.org"),
            path: string("/api"),
            expires: Some(NullableTimestamp { timestamp: Some(at) }),
            secure: flag,
            http_only: flag,
            max_age: Some(NullableDouble { double: Some(nullable_double::Double::Value(60.0)) }),
            ..RpcHttpCookie::default()
        };
        cookie.set_same_site(SameSite::ExplicitNone);
        let text = text(&cookie);
        assert!(text.starts_with("id=a%2Fb%20%C3%A9; "), "{text}");
        for part in [
            "HttpOnly",
            "Secure",
            "SameSite=None",
            "Path=/api",
            "Domain=example.org",
            "Max-Age=60",
            "Expires=Sun, 06 Nov 1994 08:49:37 GMT",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}
