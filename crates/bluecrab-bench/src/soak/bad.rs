//! Requests that must be refused, or that make a function fail.

use super::case::{Case, Expected, Kind};
use bluecrab_compare::matrices;
use bytes::Bytes;

/// The function that is given less time than it needs, and the setting that does it.
pub const TOO_LITTLE_TIME: (&str, &str) = ("BLUECRAB_TIMEOUT_MULTIPLY_NDARRAY", "1ms");

/// All of them.
pub fn cases() -> Vec<Case> {
    let large = matrices::pair(300, 3);
    let late = Case::post(Kind::Late, "multiply-ndarray", large.clone(), Expected::Problem(504))
        .with("content-type", "application/json");
    let leaving = Case::post(Kind::Leaving, "multiply-rust", large.clone(), Expected::Bytes(Bytes::new()));
    [refused(&large), failing(), vec![late, leaving]].concat()
}

/// Every status of 400 to 499 that the app, the library and the host give.
fn refused(large: &Bytes) -> Vec<Case> {
    let post = |path, body: Bytes, status| Case::post(Kind::Refused, path, body, Expected::Problem(status));
    let get = |path, status| Case::get(Kind::Refused, path, Expected::Problem(status));
    let good = Bytes::from_static(b"[[[1]],[[1]]]");
    let npy = matrices::npy_pair(300, 3);
    let mut cases: Vec<Case> = [
        "",
        "null",
        "\"matrix\"",
        "[[[1,2],[3,4]],oops]",
        "[[[1]],[[2]]]x",
        "[[[1]]]",
        "{\"matrixOne\":[[1]]}",
        "[[[1,2],[3]],[[1,2],[3,4]]]",
        "[[[1,2]],[[1,2]]]",
        "[[[]],[[]]]",
        "[{\"v\":1,\"dim\":[1000000,1000000],\"data\":[1]},[[1]]]",
        "[[[01]],[[1]]]",
    ]
    .map(|body| post("multiply-rust", Bytes::from_static(body.as_bytes()), 400))
    .into();
    cases.extend([
        // On a thread: the fault is at the end of the body.
        post("multiply-rust", large.slice(..large.len() - 1), 400),
        post("multiply-rust", npy.slice(..npy.len() - 1), 400).with("content-type", "application/x-npy"),
        post("multiply-mathjs", Bytes::from_static(b"[[[1]],oops]"), 400),
        post("multiply-rust?fma=yes", good.clone(), 400),
        post("json-body", Bytes::from_static(b"{\"x\":1}"), 400).with("content-type", "application/json"),
        get("path-one/300", 400),
        get("header", 400),
        get("custom", 401),
        Case::get(Kind::Refused, "no-such-function", Expected::Empty(404)),
        get("multiply-rust", 404),
        post("multiply-rust", good, 406).with("accept", "text/csv"),
        post("text", Bytes::from(vec![b'x'; 1025]), 413),
        post("text", Bytes::from(vec![b'x'; 300_000]), 413),
        get("give-result/11", 422),
    ]);
    cases
}

/// Every way to fail.
fn failing() -> Vec<Case> {
    let get = |path, status| Case::get(Kind::Failing, path, Expected::Problem(status));
    let mut cases: Vec<Case> = [
        "fail-panic/k3y",
        "fail-stack",
        "fail-unreachable",
        "fail-exit",
        "fail-memory",
        "give-no-json",
        "give-internal",
        "give-broken-header",
        "give-broken-status",
    ]
    .map(|path| get(path, 500))
    .into();
    cases.push(Case::post(Kind::Failing, "fail-index", "abc", Expected::Problem(500)));
    cases.push(get("give-failure", 503));
    cases
}
