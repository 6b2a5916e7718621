//! A function that reads its body and answers as many bytes, or as many as it is asked for.

use bluecrab::{Bytes, Query, Response, http};

/// `?bytes=N`.
#[derive(serde::Deserialize)]
pub struct Wanted {
    bytes: Option<usize>,
}

/// The first bytes of the body, without parameter all.
#[http(methods = ["POST"])]
pub fn echo_rust(Query(wanted): Query<Wanted>, body: Bytes) -> Response {
    match wanted.bytes {
        Some(count) if count < body.len() => Response::new(body[..count].to_vec()),
        _ => Response::new(body),
    }
}
