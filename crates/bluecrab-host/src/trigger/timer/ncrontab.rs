//! NCRONTAB expressions: `{second} {minute} {hour} {day} {month} {weekday}`, in which the second may be left out.
//!
//! The rules come from the library NCrontab (atifaziz/NCrontab, `CrontabFieldImpl.cs`, `CrontabField.cs` and
//! `CrontabSchedule.cs`) and differ from cron's rules: a date must match the day *and* the weekday, the range `5-1` is
//! `1-5`, a name may be any beginning of an English name, and there is no `L`, `W`, `#` or `?`.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// No date of the calendar needs longer than this: 29 February falls on the same weekday again after 40 years at most.
const MOST_DAYS: usize = 41 * 366;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ncrontab {
    seconds: Field,
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    weekdays: Field,
}

/// The values that a field allows, one bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Field {
    bits: u64,
    least: u32,
    most: u32,
}

impl Ncrontab {
    /// Parses an expression with five or six fields.
    ///
    /// # Errors
    /// Returns a sentence that names the field that is wrong.
    pub fn parse(expression: &str) -> Result<Self, String> {
        let fields: Vec<&str> = expression.split(' ').filter(|field| !field.is_empty()).collect();
        let (second, rest) = match fields.as_slice() {
            [second, rest @ ..] if rest.len() == 5 => (*second, rest),
            rest if rest.len() == 5 => ("0", rest),
            other => return Err(format!("it has {} fields: expected five or six", other.len())),
        };
        Ok(Self {
            seconds: Field::parse("second", second, 0, 59, &[])?,
            minutes: Field::parse("minute", rest[0], 0, 59, &[])?,
            hours: Field::parse("hour", rest[1], 0, 23, &[])?,
            days: Field::parse("day", rest[2], 1, 31, &[])?,
            months: Field::parse("month", rest[3], 1, 12, &MONTHS)?,
            weekdays: Field::parse("weekday", rest[4], 0, 6, &WEEKDAYS)?,
        })
    }

    /// Returns the first time that matches and is later than `after`. `None` if no date ever matches.
    pub fn next(&self, after: DateTime) -> Option<DateTime> {
        let start = after.with().subsec_nanosecond(0).build().ok()?.checked_add(1.second()).ok()?;
        let same_day = self.matches_date(start.date()).then(|| self.time_from(start.time())).flatten();
        if let Some(time) = same_day {
            return Some(start.date().to_datetime(time));
        }
        let first = self.time_from(Time::midnight())?;
        let mut dates = start.date().series(1.day()).skip(1).take(MOST_DAYS);
        dates.find(|date| self.matches_date(*date)).map(|date| date.to_datetime(first))
    }

    /// Returns whether a time matches.
    pub fn matches(&self, time: DateTime) -> bool {
        self.matches_date(time.date()) && self.time_from(time.time()) == Some(time.time())
    }

    /// Returns whether the expression may match more than once in an hour, or in several hours of a day. The platform
    /// looks for `*`, `-` or `/` in a field of the time, after NCrontab has written the expression again
    /// (azure-webjobs-sdk-extensions, `CronSchedule`). NCrontab writes neighbours such as `1,2` as a range.
    pub fn is_interval(&self) -> bool {
        [self.seconds, self.minutes, self.hours].iter().any(Field::has_neighbours)
    }

    /// Returns whether the expression matches several times in every minute.
    pub fn is_every_few_seconds(&self) -> bool {
        let others = [self.minutes, self.hours, self.days, self.months, self.weekdays];
        others.iter().all(Field::is_full) && self.seconds.bits.count_ones() > 1
    }

    fn matches_date(&self, date: Date) -> bool {
        self.months.has(date.month().unsigned_abs().into())
            && self.days.has(date.day().unsigned_abs().into())
            && self.weekdays.has(date.weekday().to_sunday_zero_offset().unsigned_abs().into())
    }

    /// Returns the first time of a day that matches and is not earlier than `start`.
    fn time_from(&self, start: Time) -> Option<Time> {
        let [first_hour, first_minute, first_second] =
            [start.hour(), start.minute(), start.second()].map(|part| u32::from(part.unsigned_abs()));
        for hour in self.hours.from(first_hour) {
            let is_first_hour = hour == first_hour;
            for minute in self.minutes.from(if is_first_hour { first_minute } else { 0 }) {
                let is_first_minute = is_first_hour && minute == first_minute;
                if let Some(second) = self.seconds.from(if is_first_minute { first_second } else { 0 }).next() {
                    let part = |number: u32| i8::try_from(number).unwrap_or_default();
                    return Time::new(part(hour), part(minute), part(second), 0).ok();
                }
            }
        }
        None
    }
}

impl Field {
    fn parse(kind: &str, text: &str, least: u32, most: u32, names: &[&str]) -> Result<Self, String> {
        let mut field = Self { bits: 0, least, most };
        let wrong = |reason: String| format!("its {kind} is \"{text}\": {reason}");
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => {
                    (range, Some(number(step).ok_or_else(|| wrong(format!("{step:?} is not a step")))?))
                }
                None => (part, None),
            };
            let value = |text: &str| -> Result<u32, String> {
                let by_name =
                    || names.iter().position(|name| !text.is_empty() && name.starts_with(&text.to_lowercase()));
                let found = number(text).or_else(|| u32::try_from(by_name()?).ok().map(|index| index + least));
                let found = found.ok_or_else(|| wrong(format!("{text:?} is not a {kind}")))?;
                let in_range = (least..=most).contains(&found);
                in_range.then_some(found).ok_or_else(|| wrong(format!("{found} is not between {least} and {most}")))
            };
            let (first, last) = match range.split_once('-') {
                _ if range == "*" => (least, most),
                Some((first, last)) => (value(first)?, value(last)?),
                None if step.is_some() => (value(range)?, most),
                None => (value(range)?, value(range)?),
            };
            let step = usize::try_from(step.unwrap_or(1).max(1)).unwrap_or(usize::MAX);
            for value in (first.min(last)..=first.max(last)).step_by(step) {
                field.bits |= 1 << value;
            }
        }
        Ok(field)
    }

    fn has(&self, value: u32) -> bool {
        self.bits & (1 << value) != 0
    }

    fn from(&self, start: u32) -> impl Iterator<Item = u32> {
        let field = *self;
        (start..=field.most).filter(move |value| field.has(*value))
    }

    fn is_full(&self) -> bool {
        (self.least..=self.most).all(|value| self.has(value))
    }

    fn has_neighbours(&self) -> bool {
        self.bits & (self.bits >> 1) != 0
    }
}

fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
#[path = "ncrontab_tests.rs"]
mod tests;
