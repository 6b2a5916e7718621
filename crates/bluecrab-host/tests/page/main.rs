//! Tests the page at `/`: who may see it, what it records, and its scripts.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod access;
#[path = "../common/mod.rs"]
mod common;
mod recorded;
mod scripts;
