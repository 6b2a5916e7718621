//! Waits for what processes do.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::process::Command;
use std::time::{Duration, Instant};

/// A time limit that suffices for any start and end.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "{what}: not in time");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Returns whether a process is running. A process that has ended remains in the system's table until its exit code is
/// read.
pub fn runs(process: i32) -> bool {
    let state = Command::new("ps").args(["-o", "stat=", "-p", &process.to_string()]).output().unwrap();
    let state = String::from_utf8(state.stdout).unwrap();
    !matches!(state.trim().chars().next(), None | Some('Z'))
}

/// Returns the processes of this command that a process has started.
pub fn commands_of(process: u32) -> Vec<i32> {
    let found = Command::new("pgrep").args(["-x", "-P", &process.to_string(), "bluecrab"]).output().unwrap().stdout;
    String::from_utf8(found).unwrap().lines().map(|id| id.parse().unwrap()).collect()
}
