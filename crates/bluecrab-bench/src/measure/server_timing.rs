//! The field `Server-Timing` (W3C, "Server Timing", section 3): names with durations in milliseconds.

use std::time::Duration;

/// The metrics of a field's value that have a duration, in their order; others are skipped.
pub fn metrics(value: &str) -> Vec<(&str, Duration)> {
    let metric = |text| {
        let mut parts = split(text, ';').into_iter();
        let name = parts.next()?.trim();
        let mut parameters = parts.filter_map(|parameter| parameter.split_once('='));
        let (_, duration) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("dur"))?;
        let milliseconds: f64 = duration.trim().trim_matches('"').parse().ok()?;
        Some((name, Duration::try_from_secs_f64(milliseconds / 1000.0).ok()?))
    };
    split(value, ',').into_iter().filter_map(metric).collect()
}

/// Splits at a separator that is not in a quoted string.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let is_separator = |letter: char| {
        quoted ^= letter == '"' && !escaped;
        escaped = quoted && letter == '\\' && !escaped;
        letter == separator && !quoted
    };
    text.split(is_separator).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_followed() {
        for (value, expected) in [
            (
                "body;dur=1.204, queue;dur=0.051, compute.parse;dur=2.703",
                vec![("body", 1.204), ("queue", 0.051), ("compute.parse", 2.703)],
            ),
            ("miss", vec![]),
            ("miss, db;dur=53", vec![("db", 53.0)]),
            ("cache;desc=\"Cache; Read, dur=9\";dur=23.2", vec![("cache", 23.2)]),
            ("a;desc=\"an \\\" quote, b;dur=1\";dur=2,c;dur=3", vec![("a", 2.0), ("c", 3.0)]),
            ("a ; DUR = 1.5 ,\tb;dur=\"2\"", vec![("a", 1.5), ("b", 2.0)]),
            ("a;dur=1;dur=2", vec![("a", 1.0)]),
            ("a;dur=x, b;dur=-1, c;dur=1e300, d;dur=4", vec![("d", 4.0)]),
            ("", vec![]),
        ] {
            let found: Vec<(&str, f64)> =
                metrics(value).into_iter().map(|(name, time)| (name, time.as_micros() as f64 / 1000.0)).collect();
            assert_eq!(found, expected, "{value}");
        }
    }
}
