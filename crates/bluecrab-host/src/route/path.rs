//! Normalizes the path of a request as the platform's front-end server does, and escapes the parts of a path.
//!
//! Kestrel decodes percent-encoded characters except `%2F`, and then removes dot segments (dotnet/aspnetcore,
//! `UrlDecoder.cs` and `PathNormalizer.cs`).

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::borrow::Cow;

/// What a path segment cannot contain as it is (RFC 3986, section 3.3).
const IN_SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
const IN_SEGMENTS: &AsciiSet = &IN_SEGMENT.remove(b'/');

/// Returns a text as a path segment contains it.
pub fn escape(text: &str) -> String {
    utf8_percent_encode(text, IN_SEGMENT).to_string()
}

/// Returns a text as several segments of a path contain it.
pub fn escape_segments(text: &str) -> String {
    utf8_percent_encode(text, IN_SEGMENTS).to_string()
}

/// The path contains a NUL, which Kestrel refuses.
#[derive(Debug, PartialEq, Eq)]
pub struct NulInPath;

/// Decodes a path and removes its dot segments. `%2F` and sequences that are not UTF-8 stay encoded.
///
/// # Errors
/// Returns an error if the path contains `%00`.
pub fn normalize(path: &str) -> Result<Cow<'_, str>, NulInPath> {
    if !path.contains('%') && !path.contains("/.") {
        return Ok(Cow::Borrowed(path));
    }
    let decoded = decode(path)?;
    let mut segments: Vec<&str> = Vec::new();
    for segment in decoded.strip_prefix('/').unwrap_or(&decoded).split('/') {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    if decoded.ends_with("/.") || decoded.ends_with("/..") {
        segments.push("");
    }
    Ok(Cow::Owned(format!("/{}", segments.join("/"))))
}

fn decode(path: &str) -> Result<String, NulInPath> {
    let mut decoded = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(start) = rest.find('%') {
        decoded.push_str(&rest[..start]);
        rest = &rest[start..];
        match encoded_character(rest) {
            Some(('\0', _)) => return Err(NulInPath),
            Some((character, length)) => {
                decoded.push(character);
                rest = &rest[length..];
            }
            None => {
                decoded.push('%');
                rest = &rest[1..];
            }
        }
    }
    decoded.push_str(rest);
    Ok(decoded)
}

/// Decodes the percent-encoded character at the start of a text. Returns it with its encoded length, or `None` for a
/// slash or if there is no such character.
fn encoded_character(text: &str) -> Option<(char, usize)> {
    let encoded = text.as_bytes().chunks(3).map_while(|chunk| match chunk {
        [b'%', digits @ ..] if digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit) => {
            u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        }
        _ => None,
    });
    let bytes: Vec<u8> = encoded.take(4).collect();
    let character = (1..=bytes.len()).find_map(|count| std::str::from_utf8(&bytes[..count]).ok()?.chars().next())?;
    (character != '/').then_some((character, 3 * character.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_all_but_slashes_and_removes_dot_segments() {
        for (path, expected) in [
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("/a%20b", "/a b"),
            ("/caf%C3%A9/%e2%82%ac/%F0%9F%A6%80", "/café/€/🦀"),
            ("/a%2Fb%2fc", "/a%2Fb%2fc"),
            ("/a%252Fb", "/a%2Fb"),
            ("/%ff/%c3%28/%e2%82/%", "/%ff/%c3(/%e2%82/%"),
            ("/%zz%4", "/%zz%4"),
            ("/a/./b/../c", "/a/c"),
            ("/a/%2e%2E/b", "/b"),
            ("/../../a", "/a"),
            ("/a/..", "/"),
            ("/a/b/.", "/a/b/"),
            ("/a//../b", "/a/b"),
            ("/a/.b/..c", "/a/.b/..c"),
            ("//a/", "//a/"),
        ] {
            assert_eq!(normalize(path).as_deref(), Ok(expected), "{path}");
        }
        assert_eq!(normalize("/a%00b"), Err(NulInPath));
    }
}
