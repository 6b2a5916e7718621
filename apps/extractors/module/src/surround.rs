//! What surrounds a function: log, output, environment, clock, random keys.

use bluecrab::{Json, http, stage};
use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// One entry at each level.
#[http(methods = ["GET"])]
pub fn logs() {
    log::trace!("a trace of {}", 1);
    log::debug!("a debug of {}", 2);
    log::info!("an info of {}", 3);
    log::warn!("a warning of {}", 4);
    log::error!("an error of {}", 5);
}

/// The level below which entries are not made.
#[http(methods = ["GET"])]
pub fn log_level() -> String {
    log::max_level().to_string()
}

/// Lines of output; the last one of each has no line break.
#[http(methods = ["GET"])]
pub fn prints() {
    println!("printed to output");
    print!("rest of output");
    eprintln!("printed to error");
    eprint!("rest of error");
}

/// A declared and an undeclared variable, and how many there are.
#[http(methods = ["GET"], env = ["EXTRACTORS_DECLARED"])]
pub fn variables() -> Json<(Option<String>, Option<String>, usize)> {
    let value = |name| std::env::var(name).ok();
    Json((value("EXTRACTORS_DECLARED"), value("EXTRACTORS_UNDECLARED"), std::env::vars().count()))
}

/// The time in milliseconds since 1970, and whether the monotonic clock goes forward.
#[http(methods = ["GET"])]
pub fn clocks() -> Json<(u64, bool)> {
    let start = Instant::now();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
    while start.elapsed().is_zero() {}
    Json((now, start.elapsed().as_secs() < 60))
}

/// How many milliseconds a sleep of 20 took.
#[http(methods = ["GET"])]
pub fn sleeps() -> String {
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(20));
    start.elapsed().as_millis().to_string()
}

/// A sleep on the event loop: 500.
#[http(methods = ["GET"], run = "inline")]
pub fn sleeps_inline() -> String {
    sleeps()
}

/// A sleep that is longer than the call may take: 504.
#[http(methods = ["GET"], timeout = "500ms")]
pub fn oversleeps() {
    std::thread::sleep(Duration::from_secs(3600));
}

/// Thousands of entries, a warning, and a panic: the log has the last two.
#[http(methods = ["GET"])]
pub fn floods_and_panics() {
    for number in 0..5000 {
        log::info!("entry {number}");
    }
    log::warn!("a warning behind the flood");
    panic!("a panic behind the flood");
}

/// How often each word occurs: a map whose keys are hashed with random numbers of the host.
#[http(methods = ["POST"])]
pub fn words(text: String) -> Json<HashMap<String, usize>> {
    let mut counts = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_owned()).or_default() += 1;
    }
    Json(counts)
}

/// How many words begin with an a, counted in two stages, and whether the module sees the setting for them.
#[http(methods = ["POST"])]
pub fn stages(text: String) -> Json<(usize, bool)> {
    let words: Vec<&str> = stage("split", || text.split_whitespace().collect());
    let count = stage("count", || words.iter().filter(|word| word.starts_with('a')).count());
    Json((count, std::env::var_os("BLUECRAB_SERVER_TIMING").is_some()))
}
