//! The HTTP server, from a connection to the response.

mod admin;
mod app_rules;
mod call;
mod client_body;
mod connections;
mod cookie;
mod cors;
mod event_grid;
mod fire;
mod forward;
mod heads;
mod invoke;
mod limits;
mod listeners;
mod metadata;
mod problem;
mod proxy;
mod request_body;
mod response_fields;
mod rpc;
mod server;
mod target;
mod tls;
mod watch;

pub use admin::check_caller;
pub use client_body::ClientBody;
pub use fire::{is_json, read as read_body};
pub use limits::Limits;
pub use listeners::Listeners;
pub use metadata::joined_headers;
pub use problem::{empty, json_answer, problem};
pub use request_body::RequestBody;
pub use server::{Server, ServerOptions};
pub use tls::Identity;
