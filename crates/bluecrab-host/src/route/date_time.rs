//! Recognizes dates and times as .NET's `DateTime.TryParse` does in the invariant culture.
//!
//! .NET accepts the parts of a date in nearly any order. This module accepts the formats that people write: year first,
//! month first, or with the name of the month; each alone, or followed by a time and a time zone; or only a time.

use fancy_regex::{Captures, Regex};
use std::sync::LazyLock;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

static FORM: LazyLock<Regex> = LazyLock::new(|| {
    const MONTH: &str = "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|\
                         sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
    const WEEKDAY: &str =
        "(?:sun(?:day)?|mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?)";
    let year_first = r"(?<y1>\d{4})(?<s1>[-/.])(?<m1>\d{1,2})(?:\k<s1>(?<d1>\d{1,2}))?";
    let month_first = r"(?<m2>\d{1,2})(?<s2>[-/])(?<d2>\d{1,2})(?:\k<s2>(?<y2>\d{4}|\d{2}))?";
    let day_and_name = format!(r"(?<d3>\d{{1,2}})[- ](?<n3>{MONTH})(?:,?[- ](?<y3>\d{{4}}|\d{{2}}))?");
    let name_and_day = format!(r"(?<n4>{MONTH}) (?<d4>\d{{1,2}})(?:,? (?<y4>\d{{4}}))?");
    let name_and_year = format!(r"(?<n5>{MONTH}),?[- ](?<y5>\d{{4}})");
    let zone = r"(?: ?(?:z|gmt|[+-](?<zh>\d{1,2})(?::?(?<zm>\d{2}))?))?";
    let time = format!(
        r"(?<h>\d{{1,2}})(?::(?<min>\d{{1,2}})(?::(?<sec>\d{{1,2}})(?:\.\d+)?)?(?: ?(?<half>[ap]m?))?|(?: ?(?<half2>[ap]m))){zone}"
    );
    let date = format!("(?:{WEEKDAY},? )?(?:{name_and_year}|{year_first}|{month_first}|{day_and_name}|{name_and_day})");
    #[expect(clippy::expect_used, reason = "the pattern is tested")]
    Regex::new(&format!(r"(?i)^\s*(?:{date}(?:[t ]\s*{time})?|{})\s*$", time.replace("(?<", "(?<t")))
        .expect("the pattern is valid")
});

/// Returns whether a text is a date, a time or both.
pub fn is_valid(text: &str) -> bool {
    let Ok(Some(found)) = FORM.captures(text) else { return false };
    let number = |names: &[&str]| names.iter().find_map(|name| found.name(name)?.as_str().parse::<u32>().ok());
    let month = number(&["m1", "m2"]).or_else(|| named_month(&found));
    let year = number(&["y1", "y2", "y3", "y4", "y5"]);
    let is_date = match (month, number(&["d1", "d2", "d3", "d4"])) {
        (Some(month), day) => (1..=12).contains(&month) && (1..=days_in(month, year)).contains(&day.unwrap_or(1)),
        (None, _) => true,
    };
    let is_half = ["half", "half2", "thalf", "thalf2"].iter().any(|name| found.name(name).is_some());
    let hours = if is_half { 0..=12 } else { 0..=23 };
    is_date
        && year != Some(0)
        && number(&["h", "th"]).is_none_or(|hour| hours.contains(&hour))
        && number(&["min", "tmin"]).is_none_or(|minute| minute < 60)
        && number(&["sec", "tsec"]).is_none_or(|second| second < 60)
        && number(&["zh", "tzh"]).unwrap_or(0) * 60 + number(&["zm", "tzm"]).unwrap_or(0) <= 14 * 60
}

fn named_month(found: &Captures<'_, str>) -> Option<u32> {
    let name = ["n3", "n4", "n5"].iter().find_map(|group| found.name(group))?.as_str().to_ascii_lowercase();
    (1..).zip(MONTHS).find(|(_, month)| name.starts_with(month)).map(|(number, _)| number)
}

/// Returns the number of days in a month. Without a year, February may have 29.
fn days_in(month: u32, year: Option<u32>) -> u32 {
    let is_leap =
        year.is_none_or(|year| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_common_dates_and_times() {
        for text in [
            "2026-11-26",
            "2026-1-5",
            "2026/11/26",
            "2026.11.26",
            "2026-11",
            "2024-02-29",
            "2026-11-26T10:51",
            "2026-11-26T10:51:14.1234567Z",
            "2026-11-26t10:51:14+01:00",
            "2026-11-26 10:51:14 -0800",
            "11/26/2026",
            "11-26-2026",
            "11/26/26",
            "11/26",
            "11/26/2026 10:51 PM",
            "26 Nov 2026",
            "26-Nov-2026",
            "November 26, 2026",
            "Nov 26",
            "november 2026",
            "Thu, 26 Nov 2026 10:51:14 GMT",
            " 10:51 ",
            "10 AM",
            "23:59:59",
        ] {
            assert!(is_valid(text), "{text}");
        }
        for text in [
            "",
            "7",
            "x",
            "2026",
            "20261126",
            "2026-13-01",
            "2026-02-29",
            "2026-11/26",
            "26/11/2026",
            "31 Nov 2026",
            "2026-11-26T24:00",
            "10:60",
            "13 PM",
            "2026-11-26T10:51+15:00",
            "2026-11-26T",
            "tomorrow",
            "0000-01-01",
        ] {
            assert!(!is_valid(text), "{text}");
        }
    }
}
