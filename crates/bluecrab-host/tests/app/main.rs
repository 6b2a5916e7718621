//! What an app's files decide, over HTTP.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

#[path = "../common/mod.rs"]
mod common;
mod settings;
