//! HTTP in: from a connection to an answer.

mod admin;
mod app_rules;
mod connections;
mod cookie;
mod cors;
mod forward;
mod heads;
mod invoke;
mod metadata;
mod problem;
mod proxy;
mod rpc;
mod server;

pub use server::{Limits, Server};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};

type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// The body of an answer, whole or streamed.
type Body = UnsyncBoxBody<Bytes, BoxError>;
type Answer = hyper::Response<Body>;

fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}
