//! Parses time spans as .NET's `TimeSpan.Parse` does.

use std::time::Duration;

const SECONDS_OF_DAY: u64 = 24 * 60 * 60;

/// A time span. `functionTimeout` may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeSpan {
    pub is_negative: bool,
    pub length: Duration,
}

impl TimeSpan {
    /// Parses `[-]days` or `[-][days.]hours:minutes[:seconds[.fraction]]`. As in .NET, a first number of 24 or more
    /// counts days: `24:00:00` is 24 days.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (is_negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let length = match text.split(':').collect::<Vec<_>>().as_slice() {
            [days] => Duration::from_secs(number(days)?.checked_mul(SECONDS_OF_DAY)?),
            [hours, minutes] => clock(hours, minutes, "0")?,
            [hours, minutes, seconds] => clock(hours, minutes, seconds)?,
            [days, hours, minutes, seconds] => clock(&format!("{days}.{hours}"), minutes, seconds)?,
            _ => return None,
        };
        Some(Self { is_negative, length })
    }
}

fn clock(hours: &str, minutes: &str, seconds: &str) -> Option<Duration> {
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let nanoseconds = (1..=7).contains(&fraction.len()).then(|| number(&format!("{fraction:0<9}")))??;
    let (days, [hours, minutes, seconds]) = match hours.split_once('.') {
        Some((days, hours)) => (number(days)?, [number(hours)?, number(minutes)?, number(seconds)?]),
        None => match [number(hours)?, number(minutes)?, number(seconds)?] {
            [days, hours, minutes] if days >= 24 => (days, [hours, minutes, 0]),
            clock => (0, clock),
        },
    };
    let total = days.checked_mul(SECONDS_OF_DAY)?.checked_add((hours * 60 + minutes) * 60 + seconds)?;
    (hours < 24 && minutes < 60 && seconds < 60).then(|| Duration::new(total, u32::try_from(nanoseconds).unwrap_or(0)))
}

fn number(digits: &str) -> Option<u64> {
    // Nine digits are enough: a fraction has at most nine here, and .NET's range ends at 10,675,199 days.
    let is_number = (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The library for Node.js has the same test: it reads `functionTimeout` too.
    #[test]
    fn reads_time_spans() {
        let cases = serde_json::from_str::<Vec<(String, Option<i64>)>>(include_str!("../../tests/time_spans.json"));
        for (text, milliseconds) in cases.unwrap() {
            let expected = milliseconds.map(|number| (number < 0, Duration::from_millis(number.unsigned_abs())));
            let read = TimeSpan::parse(&text).map(|span| (span.is_negative, span.length));
            assert_eq!(read, expected, "{text}");
        }
    }
}
