//! The functions echo, multiply and panic as a standard `wasi:http` component that does not use Bluecrab, and functions
//! that take too much: time, memory or stack.

use bluecrab_matrix::{Error as Refusal, multiply, npy};
use std::hint::black_box;
use wasip2::http::types::Fields;
use wstd::http::{Body, Error, Request, Response, StatusCode};

const NPY: &str = "application/x-npy";
const PROBLEM: &str = "application/problem+json";

#[wstd::http_server]
async fn main(request: Request<Body>) -> Result<Response<Body>, Error> {
    let path = request.uri().path().to_owned();
    let media_type = request.headers().get("content-type").cloned();
    let mut body = request.into_body();
    let bytes = body.contents().await?;
    match path.rsplit('/').next().unwrap_or_default().split('-').next() {
        Some("echo") => {
            let mut response = Response::new(Body::from(bytes.to_vec()));
            if let Some(media_type) = media_type {
                response.headers_mut().insert("content-type", media_type);
            }
            Ok(response)
        }
        Some("multiply") => match product(bytes) {
            Ok(product) => answer(StatusCode::OK, NPY, product),
            Err(refusal) => answer(StatusCode::BAD_REQUEST, PROBLEM, problem(&refusal.to_string())),
        },
        Some("deep") => answer(StatusCode::OK, "text/plain", vec![1; depth(0)]),
        Some("endless") => loop {
            std::hint::spin_loop();
        },
        Some("greedy") => answer(StatusCode::OK, "text/plain", vec![1; 64 << 20]),
        Some("hoard") => {
            let fields = vec![(String::new(), Vec::new()); 1 << 20];
            answer(StatusCode::OK, "text/plain", vec![1; Fields::from_list(&fields).iter().count()])
        }
        Some("panic") => panic!("this function ends in a panic"),
        _ => answer(StatusCode::NOT_FOUND, "text/plain", Vec::new()),
    }
}

fn product(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let (one, two) = npy::parse_pair(body)?;
    Ok(npy::print(&multiply(&one, &two)?))
}

/// Calls itself until the stack ends.
fn depth(above: usize) -> usize {
    if black_box(above) == usize::MAX { above } else { black_box(depth(above + 1)) + 1 }
}

fn problem(detail: &str) -> Vec<u8> {
    let detail = detail.replace('\\', "\\\\").replace('"', "\\\"");
    format!(r#"{{"detail":"{detail}","status":400,"title":"Bad Request","type":"about:blank"}}"#).into_bytes()
}

fn answer(status: StatusCode, media_type: &str, body: Vec<u8>) -> Result<Response<Body>, Error> {
    Ok(Response::builder().status(status).header("content-type", media_type).body(body.into())?)
}
