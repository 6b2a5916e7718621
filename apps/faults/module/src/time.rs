//! Functions that take time.

use bluecrab::{Problem, http};
use std::time::{Duration, Instant};

/// Loops until the deadline ends it.
#[http(methods = ["POST"], timeout = "1s")]
fn loops() {
    log::info!("it loops");
    loop {
        std::hint::spin_loop();
    }
}

/// Occupies its thread for some milliseconds, and logs that it runs. The body is `MILLISECONDS NAME`.
#[http(methods = ["POST"])]
fn holds(text: String) -> Result<String, Problem> {
    let (milliseconds, name) = text.split_once(' ').unwrap_or((&text, ""));
    let time: u64 =
        milliseconds.parse().map_err(|_| Problem::bad_request("the body must start with a number of milliseconds"))?;
    log::info!("holds for {name}");
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(time) {}
    Ok(format!("held for {name}"))
}
