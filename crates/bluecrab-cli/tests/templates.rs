//! Compiles the source of each template, and runs the tests in it.

#![allow(dead_code, clippy::unwrap_used, reason = "the functions are those of an app, and a test may fail by a panic")]

#[path = "../templates/triggers/blob.rs"]
mod blob;
#[path = "../templates/triggers/callable.rs"]
mod callable;
#[path = "../templates/triggers/cosmos_db.rs"]
mod cosmos_db;
#[path = "../templates/triggers/event_grid.rs"]
mod event_grid;
#[path = "../templates/triggers/event_hub.rs"]
mod event_hub;
#[path = "../templates/triggers/http.rs"]
mod http;
#[path = "../templates/triggers/mcp_tool.rs"]
mod mcp_tool;
#[path = "../templates/triggers/queue.rs"]
mod queue;
#[path = "../templates/triggers/service_bus.rs"]
mod service_bus;
#[path = "../templates/triggers/timer.rs"]
mod timer;
