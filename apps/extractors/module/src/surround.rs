//! Functions that use their environment: log, output, variables, clocks and random numbers.

use bluecrab::{Json, http, stage};
use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Writes a log entry at each level.
#[http(methods = ["GET"])]
pub fn logs() {
    log::trace!("a trace of {}", 1);
    log::debug!("a debug of {}", 2);
    log::info!("an info of {}", 3);
    log::warn!("a warning of {}", 4);
    log::error!("an error of {}", 5);
}

/// Returns the lowest level that is logged.
#[http(methods = ["GET"])]
pub fn log_level() -> String {
    log::max_level().to_string()
}

/// Prints to the standard output and the standard error. The last line of each has no line break.
#[http(methods = ["GET"])]
pub fn prints() {
    println!("printed to output");
    print!("rest of output");
    eprintln!("printed to error");
    eprint!("rest of error");
}

/// Returns a declared variable, an undeclared variable, and the number of variables.
#[http(methods = ["GET"], env = ["EXTRACTORS_DECLARED"])]
pub fn variables() -> Json<(Option<String>, Option<String>, usize)> {
    let value = |name| std::env::var(name).ok();
    Json((value("EXTRACTORS_DECLARED"), value("EXTRACTORS_UNDECLARED"), std::env::vars().count()))
}

/// Returns the time in milliseconds since 1970, and whether the monotonic clock goes forward.
#[http(methods = ["GET"])]
pub fn clocks() -> Json<(u64, bool)> {
    let start = Instant::now();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
    while start.elapsed().is_zero() {}
    Json((now, start.elapsed().as_secs() < 60))
}

/// Sleeps for 20 milliseconds and returns how many it took.
#[http(methods = ["GET"])]
pub fn sleeps() -> String {
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(20));
    start.elapsed().as_millis().to_string()
}

/// Sleeps beyond the deadline: 504.
#[http(methods = ["GET"], timeout = "500ms")]
pub fn oversleeps() {
    std::thread::sleep(Duration::from_secs(3600));
}

/// Writes thousands of log entries, then a warning, and panics. The log must contain the last two.
#[http(methods = ["GET"])]
pub fn floods_and_panics() {
    for number in 0..5000 {
        log::info!("entry {number}");
    }
    log::warn!("a warning after the flood");
    panic!("a panic after the flood");
}

/// Counts words in a `HashMap`, which asks the host for random numbers.
#[http(methods = ["POST"])]
pub fn words(text: String) -> Json<HashMap<String, usize>> {
    let mut counts = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_owned()).or_default() += 1;
    }
    Json(counts)
}

/// Counts words that begin with an a, in two stages. Also returns whether the module sees the app setting for stages.
#[http(methods = ["POST"])]
pub fn stages(text: String) -> Json<(usize, bool)> {
    let words: Vec<&str> = stage("split", || text.split_whitespace().collect());
    let count = stage("count", || words.iter().filter(|word| word.starts_with('a')).count());
    Json((count, std::env::var_os("BLUECRAB_SERVER_TIMING").is_some()))
}
