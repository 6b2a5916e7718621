//! Tests apps from `bluecrab new` to the finished package.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic, in its helpers too")]

mod archive;
#[path = "../command/mod.rs"]
mod command;
#[cfg(unix)]
mod components;
mod crates;
#[path = "../dev_server/mod.rs"]
mod dev_server;
mod files;
#[cfg(unix)]
mod languages;
mod new;
#[path = "../new_app/mod.rs"]
mod new_app;
#[cfg(unix)]
mod npm;
mod package;
#[cfg(unix)]
mod programs;
#[path = "../refusal/mod.rs"]
mod refusal;
mod sizes;
#[cfg(unix)]
mod walks;
mod workspace;
