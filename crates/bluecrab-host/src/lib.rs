//! The local Functions host: HTTP in, FunctionRpc to workers.
//!
//! It is for developing, testing and measuring; production is the platform's own host. What it promises is in
//! `docs/local-host.md`.

mod announce;
mod app;
mod body;
mod console;
mod error;
mod host;
mod http;
mod route;
mod worker;
mod worker_error;

pub use app::{App, app_folder};
pub use console::drop_unread_lines;
pub use error::HostError;
pub use host::{Host, HostOptions};
pub use http::Limits;
