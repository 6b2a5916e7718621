//! Tests the storage clients, and the triggers and bindings of Azure Storage over the real host, worker and
//! `@azure/functions`, with the emulator Azurite.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

#[path = "../common/mod.rs"]
mod common;

mod app;
mod azurite;
mod blob;
mod client;
mod faults;
mod page;
mod queue;
mod table;
