//! What takes time.

use bluecrab::{Problem, http};
use std::time::{Duration, Instant};

/// Never ends; its deadline does.
#[http(methods = ["POST"], timeout = "1s")]
fn loops() {
    log::info!("it loops");
    loop {
        std::hint::spin_loop();
    }
}

/// The same on the event loop's own thread, where no deadline ends it.
#[http(methods = ["POST"], run = "inline")]
fn loops_inline() {
    loops();
}

/// Holds its thread for so many milliseconds, and says in the log that it runs: `MILLISECONDS NAME`.
#[http(methods = ["POST"])]
fn holds(text: String) -> Result<String, Problem> {
    let (milliseconds, name) = text.split_once(' ').unwrap_or((&text, ""));
    let time: u64 = milliseconds.parse().map_err(|_| Problem::bad_request("a number of milliseconds is expected"))?;
    log::info!("holds for {name}");
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(time) {}
    Ok(format!("held for {name}"))
}
