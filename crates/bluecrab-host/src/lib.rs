//! The local Functions host: it takes HTTP requests and invokes functions in a Node.js worker over FunctionRpc.
//!
//! Use it to develop, test and measure. In production the platform's own host runs the app. `docs/local-host.md` says
//! what this host promises.

mod announce;
mod app;
mod body;
mod console;
mod error;
mod host;
mod http;
mod route;
pub mod storage;
mod trigger;
mod worker;
mod worker_error;

pub use app::{App, app_folder};
pub use console::drop_unread_lines;
pub use error::HostError;
pub use host::{Host, HostOptions};
pub use http::Limits;
#[cfg(unix)]
pub use worker::Group as ProcessGroup;
pub use worker::{IS_RELEASE, cache_folder};
