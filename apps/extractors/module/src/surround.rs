//! What surrounds a function: log, output, environment, clock, random keys.

use bluecrab::{Json, http, stage};
use std::collections::HashMap;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// One entry at each level.
#[http(methods = ["GET"])]
pub fn logs() {
    log::trace!("a trace of {}", 1);
    log::debug!("a debug of {}", 2);
    log::info!("an info of {}", 3);
    log::warn!("a warning of {}", 4);
    log::error!("an error of {}", 5);
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
