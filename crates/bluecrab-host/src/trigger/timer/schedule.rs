//! When a timer fires next.

use super::ncrontab::Ncrontab;
use crate::app::TimeSpan;
use jiff::civil::DateTime;
use jiff::tz::AmbiguousOffset;
use jiff::{SignedDuration, Zoned};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// The schedule of a timer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// Times of the clock.
    Cron(Ncrontab),
    /// A pause after the start of each run.
    Every(Duration),
}

impl Schedule {
    /// Parses an NCRONTAB expression or a time span (azure-webjobs-sdk-extensions, `TimerSchedule.Create`).
    ///
    /// # Errors
    /// Returns a sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = "write an NCRONTAB expression such as \"0 */5 * * * *\", or a time span such as \"00:05:00\"";
        match Ncrontab::parse(text) {
            Ok(cron) => Ok(Self::Cron(cron)),
            Err(reason) => match TimeSpan::parse(text) {
                Some(span) if !span.is_negative && !span.length.is_zero() => Ok(Self::Every(span.length)),
                Some(_) => Err(format!("its schedule is \"{text}\", which is not longer than zero: {expected}")),
                None => Err(format!("its schedule is \"{text}\", which is not valid: {reason}; {expected}")),
            },
        }
    }

    /// Returns whether the platform keeps the status of such a timer. It does not if the timer fires more than once a
    /// minute.
    pub fn is_monitored(&self) -> bool {
        match self {
            Self::Cron(cron) => !cron.is_every_few_seconds(),
            Self::Every(pause) => *pause >= MINUTE,
        }
    }

    /// Returns whether daylight saving time shifts the schedule.
    pub fn follows_the_clock(&self) -> bool {
        matches!(self, Self::Cron(_))
    }

    /// Returns the first time after `now`, or `None` if no time follows.
    pub fn next(&self, now: &Zoned) -> Option<Zoned> {
        match self {
            Self::Every(pause) => now.checked_add(SignedDuration::try_from(*pause).ok()?).ok(),
            Self::Cron(cron) => next_of_clock(cron, now),
        }
    }
}

/// Finds the next time in a time zone (azure-webjobs-sdk-extensions, `CronSchedule.GetNextOccurrence`).
///
/// When the clock goes forward, a time that does not exist moves forward by the same number of minutes. When it goes
/// back, an hour comes twice: an expression for an interval fires in both hours, any other expression only in the
/// first.
fn next_of_clock(cron: &Ncrontab, now: &Zoned) -> Option<Zoned> {
    let mut local = cron.next(now.datetime())?;
    let mut next = later(local, now)?;
    let is_interval = cron.is_interval();
    let is_back = now.offset() != next.offset() && (is_twice(now.datetime(), now) || is_twice(local, now));
    if is_interval && is_back {
        // The clock may still show this time, or an earlier time, before it goes back or right afterwards.
        let shift = next.offset().duration_since(now.offset());
        let earlier = next.checked_add(shift).ok()?;
        if earlier > *now && cron.matches(earlier.datetime()) {
            next = earlier;
        }
    } else if !is_interval && is_twice(local, now) {
        let first = local.to_zoned(now.time_zone().clone()).ok()?;
        if first > *now {
            return Some(first);
        }
        while is_twice(local, now) {
            local = cron.next(local)?;
        }
        next = later(local, now)?;
    }
    Some(next)
}

/// Returns the moment of a local time. If the clock shows the time twice, returns the later moment.
fn later(local: DateTime, now: &Zoned) -> Option<Zoned> {
    let ambiguous = now.time_zone().to_ambiguous_zoned(local);
    match ambiguous.offset() {
        AmbiguousOffset::Fold { .. } => ambiguous.later().ok(),
        AmbiguousOffset::Gap { .. } | AmbiguousOffset::Unambiguous { .. } => ambiguous.compatible().ok(),
    }
}

fn is_twice(local: DateTime, now: &Zoned) -> bool {
    matches!(now.time_zone().to_ambiguous_zoned(local).offset(), AmbiguousOffset::Fold { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    /// The example of the platform's source: the clock goes forward on 11 March 2018 and back on 4 November 2018.
    const ZONE: &str = "America/Los_Angeles";

    fn at(text: &str) -> Zoned {
        text.parse::<Timestamp>().unwrap().in_tz(ZONE).unwrap()
    }

    fn runs(schedule: &str, start: &str, count: usize) -> Vec<String> {
        let schedule = Schedule::parse(schedule).unwrap();
        let mut now = at(start);
        let mut next = || {
            now = schedule.next(&now).unwrap();
            now.strftime("%m-%d %H:%M%:::z").to_string()
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn an_interval_fires_in_both_hours_when_the_clock_goes_back() {
        let expected = ["11-04 01:00-07", "11-04 01:30-07", "11-04 01:00-08", "11-04 01:30-08", "11-04 02:00-08"];
        assert_eq!(runs("0 */30 * * * *", "2018-11-04T00:30:00-07:00", 5), expected);
        assert_eq!(runs("0 0 */6 * * *", "2018-11-04T01:10:00-07:00", 1), ["11-04 06:00-08"]);
    }

    #[test]
    fn a_time_of_day_fires_once_when_the_clock_goes_back() {
        let daily = "0 30 1 * * *";
        let expected = ["11-03 01:30-07", "11-04 01:30-07", "11-05 01:30-08"];
        assert_eq!(runs(daily, "2018-11-03T01:00:00-07:00", 3), expected);
        assert_eq!(runs(daily, "2018-11-04T01:29:00-08:00", 1), ["11-05 01:30-08"]);
    }

    #[test]
    fn a_time_that_does_not_exist_is_an_hour_later() {
        assert_eq!(runs("0 30 2 * * *", "2018-03-10T12:00:00-08:00", 2), ["03-11 03:30-07", "03-12 02:30-07"]);
        assert_eq!(runs("0 */30 * * * *", "2018-03-11T01:30:00-08:00", 2), ["03-11 03:00-07", "03-11 03:30-07"]);
    }

    #[test]
    fn reads_time_spans_and_refuses_other_texts() {
        let start = at("2018-11-04T01:30:00-07:00");
        let every = Schedule::parse("00:45:00").unwrap();
        assert_eq!(every.next(&start).unwrap(), at("2018-11-04T01:15:00-08:00"));
        assert!(every.is_monitored() && !every.follows_the_clock());
        assert!(!Schedule::parse("00:00:59").unwrap().is_monitored());
        assert!(!Schedule::parse("*/10 * * * * *").unwrap().is_monitored());
        assert!(Schedule::parse("*/10 0 * * * *").unwrap().is_monitored());
        for text in ["", "soon", "-00:05:00", "00:00:00", "0 0 0 L * *"] {
            let error = Schedule::parse(text).unwrap_err();
            assert!(error.contains(&format!("\"{text}\"")) && error.contains("NCRONTAB"), "{text}: {error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn the_next_run_is_later_in_every_zone(
            zone in prop::sample::select(vec!["UTC", ZONE, "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"]),
            second in 1_500_000_000_i64..1_600_000_000,
            cron in prop::sample::select(vec!["0 */30 * * * *", "0 30 2 * * *", "0 0 */6 * * *", "0 15 1,3 * * *", "0 0 0 1 * *"]),
        ) {
            let now = Timestamp::from_second(second).unwrap().to_zoned(TimeZone::get(zone).unwrap());
            let Schedule::Cron(parsed) = Schedule::parse(cron).unwrap() else { unreachable!() };
            let next = next_of_clock(&parsed, &now).unwrap();
            prop_assert!(next > now, "{} {}", now, next);
            let from_gap = later(parsed.next(now.datetime()).unwrap(), &now).unwrap();
            prop_assert!(parsed.matches(next.datetime()) || next == from_gap, "{} {}", now, next);
        }
    }
}
