//! A function whose state must not outlive a call.

use bluecrab::http;
use std::sync::atomic::{AtomicU32, Ordering};

static CALLS: AtomicU32 = AtomicU32::new(0);

/// Counts the calls of its instance: always `1`, because each call has a new instance. Panics after it has counted, if
/// the body says so.
#[http(methods = ["POST"], run = "fresh")]
fn counts_fresh(text: String) -> String {
    let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    assert!(text != "panic", "on purpose");
    calls.to_string()
}

/// Counts the calls of its instance, which it may share with calls before.
#[http(methods = ["POST"], run = "pool")]
fn counts() -> String {
    (CALLS.fetch_add(1, Ordering::Relaxed) + 1).to_string()
}
