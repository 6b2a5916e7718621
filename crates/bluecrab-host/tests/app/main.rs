//! Tests settings, routes and the paths below `/admin` over HTTP.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod admin;
mod bindings;
#[path = "../common/mod.rs"]
mod common;
mod event_grid;
mod keys;
mod mcp;
mod routes;
mod settings;
mod triggers;
