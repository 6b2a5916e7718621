//! The local Functions host: it takes HTTP requests and invokes functions in a Node.js worker over FunctionRpc.
//!
//! Use it to develop, test and measure. In production the platform's own host runs the app. `docs/local-host.md` says
//! what this host promises.

mod announce;
mod app;
mod body;
mod calls;
mod console;
mod error;
mod files;
mod host;
mod http;
mod keys;
mod page;
mod process_group;
mod proof;
pub mod route;
mod spans;
pub mod storage;
mod sync;
mod trigger;
mod worker;
mod worker_error;

pub use app::{App, Overrides, app_folder, check_host_json};
pub use console::{Detail, LogStyle, failure, flush, print_in_background, set_log_style, step, tell};
pub use error::HostError;
pub use files::{replace_file, replace_private_file};
pub use host::{Host, HostOptions};
pub use http::{Identity, Limits};
pub use keys::master_key;
pub use process_group::{GRACE, ProcessGroup};
pub use proof::Challenge;
pub use worker::{IS_RELEASE, cache_folder};
