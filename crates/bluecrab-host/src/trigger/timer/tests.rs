//! Runs timers on a clock that the test sets. Tokio's own clock is paused, so no test waits.

use super::*;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::time::Instant;

/// A clock that a test can set. After that it goes on with Tokio's clock.
#[derive(Clone)]
struct TestClock {
    clock: Clock,
    shift: Arc<AtomicI64>,
}

impl TestClock {
    fn at(start: &str) -> Self {
        let (start, begin): (Timestamp, _) = (start.parse().unwrap(), Instant::now());
        let shift = Arc::<AtomicI64>::default();
        let shown = Arc::clone(&shift);
        let clock = Clock::new(move || {
            let passed = SignedDuration::try_from(begin.elapsed()).unwrap();
            start + passed + SignedDuration::from_secs(shown.load(Ordering::Relaxed))
        });
        Self { clock, shift }
    }

    fn turn(&self, seconds: i64) {
        self.shift.fetch_add(seconds, Ordering::Relaxed);
    }
}

struct Test {
    folder: tempfile::TempDir,
    schedule: &'static str,
    runs_on_startup: bool,
}

impl Test {
    fn new(schedule: &'static str) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), schedule, runs_on_startup: false }
    }

    fn file(&self) -> StatusFile {
        StatusFile::of(self.folder.path(), "report")
    }

    fn timer(&self, clock: &TestClock) -> Timer {
        Timer {
            schedule: Schedule::parse(self.schedule).unwrap(),
            file: Some(self.file()),
            runs_on_startup: self.runs_on_startup,
            zone: TimeZone::UTC,
            clock: clock.clock.clone(),
            due: Due::default(),
        }
    }

    /// Runs the timer `count` times and returns when each run began (`HH:MM:SS`, and `late` if it was past due).
    /// `during` is called with the number of each run.
    async fn runs(&self, clock: &TestClock, count: usize, during: impl AsyncFn(usize)) -> Vec<String> {
        let (stop, seen) = (CancellationToken::new(), RefCell::new(Vec::new()));
        let run = |fired: Fired| {
            let (stop, seen, during) = (&stop, &seen, &during);
            async move {
                let late = format!("{:?}", fired.value).contains(r#"\"IsPastDue\":true"#);
                let now = clock.clock.now(&TimeZone::UTC).strftime("%H:%M:%S").to_string();
                let number = {
                    let mut seen = seen.borrow_mut();
                    seen.push(if late { format!("{now} late") } else { now });
                    seen.len()
                };
                during(number).await;
                if number == count {
                    stop.cancel();
                }
                Err(RunError::Failed("a failed run does not stop a timer".to_owned()))
            }
        };
        self.timer(clock).listen(&stop, run).await;
        seen.into_inner()
    }
}

async fn nothing(_: usize) {}

#[tokio::test(start_paused = true)]
async fn fires_on_schedule_and_keeps_its_status() {
    let (test, clock) = (Test::new("0 */5 * * * *"), TestClock::at("2026-11-26T17:03:20Z"));
    assert_eq!(test.runs(&clock, 3, nothing).await, ["17:05:00", "17:10:00", "17:15:00"]);
    let status = test.file().read().unwrap();
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    assert_eq!((status.last.unwrap(), status.next), (time("2026-11-26T17:15:00Z"), time("2026-11-26T17:20:00Z")));
}

#[tokio::test(start_paused = true)]
async fn makes_up_for_missed_runs_with_one_run() {
    let test = Test::new("0 */5 * * * *");
    test.runs(&TestClock::at("2026-11-26T17:03:00Z"), 1, nothing).await;
    let clock = TestClock::at("2026-11-26T18:01:30Z");
    assert_eq!(test.runs(&clock, 2, nothing).await, ["18:01:30 late", "18:05:00"]);
    let clock = TestClock::at("2026-11-26T18:06:00Z");
    assert_eq!(test.runs(&clock, 1, nothing).await, ["18:10:00"]);
}

#[tokio::test(start_paused = true)]
async fn makes_up_for_a_first_run_that_was_missed() {
    let test = Test::new("0 0 18 * * *");
    let first = Status {
        last: None,
        next: "2026-11-26T18:00:00Z".parse().unwrap(),
        last_updated: "2026-11-26T17:00:00Z".parse().unwrap(),
    };
    test.file().write(&first).unwrap();
    assert_eq!(test.runs(&TestClock::at("2026-11-26T19:00:00Z"), 1, nothing).await, ["19:00:00 late"]);
}

#[tokio::test(start_paused = true)]
async fn makes_up_for_a_run_that_a_stop_prevented() {
    let test = Test::new("0 */5 * * * *");
    let stop = CancellationToken::new();
    let stopped = |_| {
        stop.cancel();
        std::future::ready(Err(RunError::Stopped))
    };
    test.timer(&TestClock::at("2026-11-26T17:04:00Z")).listen(&stop, stopped).await;
    let clock = TestClock::at("2026-11-26T17:06:00Z");
    assert_eq!(test.runs(&clock, 2, nothing).await, ["17:06:00 late", "17:10:00"]);
}

#[tokio::test(start_paused = true)]
async fn another_schedule_does_not_make_up_for_missed_runs() {
    let mut test = Test::new("0 */5 * * * *");
    test.runs(&TestClock::at("2026-11-26T17:03:00Z"), 1, nothing).await;
    test.schedule = "0 */7 * * * *";
    assert_eq!(test.runs(&TestClock::at("2026-11-26T18:01:30Z"), 1, nothing).await, ["18:07:00"]);
}

#[tokio::test(start_paused = true)]
async fn runs_on_startup_unless_a_run_is_past_due() {
    let mut test = Test::new("0 */5 * * * *");
    test.runs_on_startup = true;
    assert_eq!(test.runs(&TestClock::at("2026-11-26T17:03:20Z"), 2, nothing).await, ["17:03:20", "17:05:00"]);
    assert_eq!(test.runs(&TestClock::at("2026-11-26T18:03:20Z"), 2, nothing).await, ["18:03:20 late", "18:05:00"]);
}

#[tokio::test(start_paused = true)]
async fn a_long_run_is_followed_by_another_at_once() {
    let clock = TestClock::at("2026-11-26T17:04:00Z");
    let long = async |number| {
        if number == 1 {
            tokio::time::sleep(Duration::from_secs(12 * 60)).await;
        }
    };
    // The run that was due at 17:10 begins when the first one ends; the run at 17:15 is skipped.
    assert_eq!(Test::new("0 */5 * * * *").runs(&clock, 3, long).await, ["17:05:00", "17:17:00", "17:20:00"]);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_forward_causes_one_run() {
    let clock = TestClock::at("2026-11-26T17:04:00Z");
    let jump = async |number| {
        if number == 1 {
            let clock = clock.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(60)).await;
                clock.turn(3 * 3600);
            });
        }
    };
    let runs = Test::new("0 */5 * * * *").runs(&clock, 3, jump).await;
    assert_eq!((runs[0].as_str(), runs[2].as_str()), ("17:05:00", "20:10:00"));
    assert!(runs[1].starts_with("20:06:") && runs[1].as_str() <= "20:06:10", "{runs:?}");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_does_not_silence_a_timer() {
    let clock = TestClock::at("2026-11-26T17:04:00Z");
    let back = async |number| {
        if number == 1 {
            clock.turn(-3600);
        }
    };
    assert_eq!(Test::new("0 */5 * * * *").runs(&clock, 3, back).await, ["17:05:00", "16:10:00", "16:15:00"]);
}

#[tokio::test(start_paused = true)]
async fn a_time_span_counts_from_the_start_of_a_run() {
    let clock = TestClock::at("2026-11-26T17:04:00Z");
    let runs = Test::new("00:10:00").runs(&clock, 3, async |_| tokio::time::sleep(Duration::from_secs(60)).await).await;
    assert_eq!(runs, ["17:14:00", "17:24:00", "17:34:00"]);
}

#[tokio::test(start_paused = true)]
async fn ends_when_it_is_stopped_while_it_waits() {
    let timer = Timer {
        schedule: Schedule::parse("0 0 0 1 1 *").unwrap(),
        file: None,
        runs_on_startup: false,
        zone: TimeZone::UTC,
        clock: TestClock::at("2026-11-26T17:04:00Z").clock,
        due: Due::default(),
    };
    let stop = CancellationToken::new();
    let run = |_| std::future::ready(Err(RunError::Failed("it is not due".to_owned())));
    let (listening, stopping) = (timer.listen(&stop, run), async { stop.cancel() });
    tokio::join!(listening, stopping);
}
