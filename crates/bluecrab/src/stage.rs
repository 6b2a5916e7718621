//! Measures the parts of a function and sends their times as `Server-Timing` (W3C): `docs/abi.md`, section 12.

use crate::response::Response;
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// The app setting that turns the measuring on.
const SETTING: &str = "BLUECRAB_SERVER_TIMING";
const HEADER: &str = "server-timing";

/// The stages of the call that is running.
struct Stages {
    durations: Vec<(&'static str, Duration)>,
    /// The innermost running stage, as an index of `durations`.
    current: Option<usize>,
    /// When the current stage started or continued.
    since: Instant,
}

thread_local! {
    /// `None` while no call is measured.
    static STAGES: RefCell<Option<Stages>> = const { RefCell::new(None) };
}

/// Runs a part of a function and measures how long it takes, if the app setting `BLUECRAB_SERVER_TIMING` is `1`.
///
/// ```
/// use bluecrab::{Problem, http, stage};
///
/// #[http(methods = ["POST"])]
/// fn sum(text: String) -> Result<String, Problem> {
///     let numbers = stage("parse", || text.lines().map(str::parse).collect::<Result<Vec<f64>, _>>())?;
///     let sum: f64 = stage("add", || numbers.iter().sum());
///     Ok(stage("print", || sum.to_string()))
/// }
/// # assert_eq!(sum("1\n2.5".to_owned()).unwrap(), "3.5");
/// ```
///
/// The response then has a header such as `Server-Timing: parse;dur=1.204, add;dur=0.011, print;dur=0.002`, with times
/// in milliseconds. A stage that runs several times is listed once with its total. The time of an inner stage does not
/// count for the outer stage, so the sum of all stages is never longer than the call.
///
/// Without the app setting, no clock is read.
///
/// # Panics
/// Panics if the name is not a token of RFC 9110, section 5.6.2: it may have letters, digits and marks such as `-`, `_`
/// and `.`, but no spaces.
pub fn stage<T>(name: &'static str, work: impl FnOnce() -> T) -> T {
    assert!(is_token(name), "the name of a stage must be a token such as \"parse\", not {name:?}");
    let _running = Running::start(name);
    work()
}

const fn is_token(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        let byte = bytes[index];
        let is_mark = matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        );
        if !byte.is_ascii_alphanumeric() && !is_mark {
            return false;
        }
        index += 1;
    }
    !bytes.is_empty()
}

/// A running stage. Dropping it ends the stage, even if the work panics and a test catches the panic.
struct Running {
    /// The stage that continues afterwards, if there is one. The outer `None` means that the call is not measured.
    outer: Option<Option<usize>>,
}

impl Running {
    fn start(name: &'static str) -> Self {
        let outer = STAGES.with_borrow_mut(|stages| {
            let stages = stages.as_mut()?;
            let known = stages.durations.iter().position(|(known, _)| *known == name);
            let place = known.unwrap_or_else(|| {
                stages.durations.push((name, Duration::ZERO));
                stages.durations.len() - 1
            });
            Some(stages.switch_to(Some(place)))
        });
        Self { outer }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(outer) = self.outer else { return };
        STAGES.with_borrow_mut(|stages| stages.as_mut().map(|stages| stages.switch_to(outer)));
    }
}

impl Stages {
    /// Adds the time until now to the current stage and makes `next` the current stage. Returns the previous stage.
    fn switch_to(&mut self, next: Option<usize>) -> Option<usize> {
        let now = Instant::now();
        if let Some(current) = self.current {
            self.durations[current].1 += now - self.since;
        }
        self.since = now;
        std::mem::replace(&mut self.current, next)
    }
}

/// Whether the app setting turns the measuring on. The environment of an instance never changes, but tests change it.
pub(crate) fn is_on() -> bool {
    std::env::var_os(SETTING).is_some_and(|value| value == "1")
}

/// Calls a function and adds the times of its stages to the response if they are measured.
pub(crate) fn measured(is_on: bool, call: impl FnOnce() -> Response) -> Response {
    if !is_on {
        return call();
    }
    STAGES.set(Some(Stages { durations: Vec::new(), current: None, since: Instant::now() }));
    let response = call();
    let durations = STAGES.take().map(|stages| stages.durations).unwrap_or_default();
    if durations.is_empty() { response } else { response.with_added_header(HEADER, metrics(&durations)) }
}

fn metrics(durations: &[(&'static str, Duration)]) -> String {
    let metrics: Vec<String> =
        durations.iter().map(|(name, duration)| format!("{name};dur={:.3}", duration.as_secs_f64() * 1000.0)).collect();
    metrics.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread::sleep;

    /// Returns the stages of a call with their times in milliseconds.
    fn measure(call: impl FnOnce()) -> Vec<(String, f64)> {
        let response = measured(true, || {
            call();
            Response::new("").with_header(HEADER, "own;dur=1")
        });
        let headers: Vec<_> = response.headers().collect();
        assert_eq!(headers[0], (HEADER, "own;dur=1"));
        let Some((_, metrics)) = headers.get(1) else { return Vec::new() };
        let metric = |metric: &str| {
            let (name, duration) = metric.split_once(";dur=").unwrap();
            (name.to_owned(), duration.parse().unwrap())
        };
        metrics.split(", ").map(metric).collect()
    }

    fn work(milliseconds: u64) {
        sleep(Duration::from_millis(milliseconds));
    }

    #[test]
    fn repeated_and_nested_stages_add_up_to_the_whole() {
        let started = Instant::now();
        let metrics = measure(|| {
            let value = stage("outer", || {
                work(10);
                stage("inner", || work(30));
                stage("outer", || work(10));
                7
            });
            assert_eq!(value, 7);
            stage("inner", || work(30));
        });
        let whole = started.elapsed().as_secs_f64() * 1000.0;
        let [(outer, outer_time), (inner, inner_time)] = &metrics[..] else { panic!("{metrics:?}") };
        assert_eq!((outer.as_str(), inner.as_str()), ("outer", "inner"));
        assert!(*outer_time >= 20.0 && *inner_time >= 60.0, "{metrics:?}");
        // The header rounds to microseconds.
        assert!(outer_time + inner_time <= whole + 0.001, "{metrics:?} in {whole}");
    }

    #[test]
    fn a_stage_ends_with_a_panic() {
        let started = Instant::now();
        let mut until_caught = Duration::ZERO;
        let metrics = measure(|| {
            let caught = catch_unwind(AssertUnwindSafe(|| stage("fails", || panic!("as wanted"))));
            assert!(caught.is_err());
            until_caught = started.elapsed();
            work(50);
            stage("after", || ());
        });
        assert_eq!(metrics[0].0, "fails");
        // The header rounds to microseconds.
        assert!(
            metrics[0].1 <= until_caught.as_secs_f64() * 1000.0 + 0.001,
            "{metrics:?}, caught after {until_caught:?}"
        );
        assert_eq!(metrics[1].0, "after");
    }

    #[test]
    fn no_header_is_sent_without_stages_or_measuring() {
        assert!(measure(|| ()).is_empty());
        let response = measured(false, || Response::new(stage("parse", || "x")));
        assert_eq!(response.headers().count(), 0);
        assert_eq!(stage("outside", || 1), 1);
    }

    #[test]
    #[should_panic(expected = "the name of a stage must be a token such as \"parse\", not \"two words\"")]
    fn a_name_must_be_a_token() {
        stage("two words", || ());
    }
}
