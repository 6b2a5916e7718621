//! The page's files, which are part of the program.

use crate::body::{Answer, whole};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY};
use http::header::{X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};

const DOCUMENT: &str = include_str!("files/index.html");
const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// What the document loads, by the name below `/admin/page/`.
const FILES: [(&str, &str, &str); 9] = [
    ("page.css", CSS, include_str!("files/page.css")),
    ("main.mjs", JAVASCRIPT, include_str!("files/main.mjs")),
    ("dom.mjs", JAVASCRIPT, include_str!("files/dom.mjs")),
    ("host.mjs", JAVASCRIPT, include_str!("files/host.mjs")),
    ("functions.mjs", JAVASCRIPT, include_str!("files/functions.mjs")),
    ("calls.mjs", JAVASCRIPT, include_str!("files/calls.mjs")),
    ("sources.mjs", JAVASCRIPT, include_str!("files/sources.mjs")),
    ("format.mjs", JAVASCRIPT, include_str!("files/format.mjs")),
    ("repeat.mjs", JAVASCRIPT, include_str!("files/repeat.mjs")),
];

/// The page loads its own files only, connects to its own host only, and is shown in no other page. A text can never
/// become HTML.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types \
    'none'";

/// Returns the page.
pub fn document() -> Answer {
    file(HTML, DOCUMENT)
}

/// Returns a file that the page loads.
pub fn find(name: &str) -> Option<Answer> {
    FILES.iter().find(|(known, ..)| *known == name).map(|(_, kind, text)| file(kind, text))
}

fn file(kind: &'static str, text: &'static str) -> Answer {
    let mut answer = Answer::new(whole(text));
    let fields: [(HeaderName, &'static str); 7] = [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    answer.headers_mut().extend(fields.map(|(name, value)| (name, HeaderValue::from_static(value))));
    answer
}
