//! Checks which resource a request names: its target and its Host (RFC 9112, section 3).
//!
//! The function receives both as one URL. So this module refuses a Host that could change the rest of the URL, and a
//! target with characters that a URL cannot contain.

use http::header::HOST;
use http::uri::Scheme;
use http::{HeaderValue, Method, Request, Version};
use idna::AsciiDenyList;
use idna_adapter as _;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Checks a request's target and Host. If the target is an absolute URL, its host replaces Host.
///
/// # Errors
/// Returns what is wrong, in words for the developer.
pub fn check<B>(request: &mut Request<B>) -> Result<(), &'static str> {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if request.version() == Version::HTTP_11 => {
            return Err("a request must have exactly one Host header field (RFC 9112, section 3.2)");
        }
        (Some(_), Some(_)) => return Err("a request must have exactly one Host header field (RFC 9112, section 3.2)"),
        (Some(host), None) if !host.to_str().is_ok_and(is_authority) => {
            return Err("Host is not a host name or address with an optional port (RFC 9110, section 7.2)");
        }
        _ => {}
    }
    let uri = request.uri();
    if !uri.path_and_query().is_none_or(|target| target.as_str().bytes().all(|byte| byte.is_ascii_graphic())) {
        return Err("the request's target contains a character that must be percent-encoded (RFC 3986, section 2)");
    }
    let Some(authority) = uri.authority() else { return Ok(()) };
    let is_http = uri.scheme().is_some_and(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS);
    if !is_http && request.method() != Method::CONNECT {
        return Err("the request's target is neither a path nor an address with http:// (RFC 9112, section 3.2)");
    }
    if !is_authority(authority.as_str()) {
        return Err("the host in the request's target is not a host name or address with an optional port");
    }
    let host = HeaderValue::from_str(authority.as_str());
    request.headers_mut().insert(HOST, host.map_err(|_| "the host in the request's target is not ASCII")?);
    Ok(())
}

/// Returns whether a text is `HOST` or `HOST:PORT`.
///
/// A percent-encoded host, which RFC 3986 allows, is refused as in ASP.NET Core (`HttpCharacters.cs`). A name that ends
/// in a number is refused unless it is an IPv4 address, because URL parsers would read it as an address. An
/// internationalized name that is not valid (`xn--a`) is refused as URL parsers refuse it
/// (<https://url.spec.whatwg.org/#host-parsing>).
fn is_authority(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if address.parse::<Ipv6Addr>().is_ok() => ("", port),
            _ => return false,
        },
        None => match text.find(':') {
            Some(0) => return false,
            Some(colon) => text.split_at(colon),
            None if text.is_empty() => return false,
            None => (text, ""),
        },
    };
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte);
    let last_label = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let is_number = last_label.bytes().all(|byte| byte.is_ascii_digit())
        || last_label
            .strip_prefix("0x")
            .or(last_label.strip_prefix("0X"))
            .is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let is_port = port.is_empty()
        || port.strip_prefix(':').is_some_and(|port| {
            port.is_empty() || (port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok())
        });
    is_port
        && host.bytes().all(is_name_byte)
        && (last_label.is_empty() || !is_number || host.parse::<Ipv4Addr>().is_ok())
        && idna::domain_to_ascii_cow(host.as_bytes(), AsciiDenyList::URL).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_and_addresses_with_a_port() {
        for host in [
            "a",
            "a.",
            "a-b_c.example",
            "a:",
            "a:80",
            "A:65535",
            "127.0.0.1:7071",
            "[::1]",
            "[::ffff:1.2.3.4]:80",
            "a!$&'()*+,;=~b",
            "1e3",
            "3com.example",
            "xn--bcher-kva.example",
            "XN--BCHER-KVA:80",
            "xn--ls8h.",
            "ab--cd",
            "a..b",
            "-a-",
        ] {
            assert!(is_authority(host), "{host}");
        }
        for host in [
            "",
            ":80",
            "h?admin=1&z=",
            "h#",
            "h/x",
            "a b",
            "a@b",
            "a:b@c",
            "a:b",
            "a:65536",
            "a:80:80",
            "a\\b",
            "a%2fb",
            "a\tb",
            "<a>",
            "a^b",
            "a|b",
            "[::1",
            "::1",
            "[::1]x",
            "[::1]80",
            "[v1.a]",
            "[fe80::1%25eth0]",
            "[a]",
            "[]",
            "1.2.3.256",
            "1.2.3.4.5",
            "256",
            "08",
            "a.0x",
            "a:-1",
            "a:+1",
            "\u{e9}",
            "xn--",
            "xn--a",
            "XN--A:80",
            "a.xn--0.example.",
            "xn--1ug.example",
            "xn--\u{e9}",
        ] {
            assert!(!is_authority(host), "{host}");
        }
    }
}
