//! The field `Server-Timing` (W3C, "Server Timing", section 3): names with durations in milliseconds.

use std::time::Duration;

/// The metrics of one field's value that have a duration, in their order.
///
/// What does not follow the grammar is passed over up to the next metric, as browsers do.
pub fn metrics(value: &str) -> Vec<(&str, Duration)> {
    let mut rest = Rest(value);
    let mut metrics = Vec::new();
    loop {
        rest.white_space();
        let name = rest.token();
        let mut duration = None;
        while !name.is_empty() && rest.up_to(&[';']) {
            let parameter = rest.parameter();
            if let (None, Some((_, text))) = (&duration, parameter.filter(|(name, _)| name.eq_ignore_ascii_case("dur")))
            {
                duration = Some(text.parse().ok().and_then(milliseconds));
            }
        }
        metrics.extend(duration.flatten().map(|duration| (name, duration)));
        if !rest.up_to(&[',']) {
            return metrics;
        }
    }
}

fn milliseconds(number: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(number / 1000.0).ok()
}

/// What has not been read yet.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn white_space(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }

    /// A token of RFC 9110, section 5.6.2; empty where there is none.
    fn token(&mut self) -> &'a str {
        let in_token = |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter);
        let (token, rest) = self.0.split_at(self.0.find(|letter| !in_token(letter)).unwrap_or(self.0.len()));
        self.0 = rest;
        token
    }

    /// The content of a quoted string, its escapes as they are; the opening quote has been seen.
    fn quoted(&mut self) -> &'a str {
        let content = &self.0[1..];
        let mut escaped = false;
        let end = content.find(|letter| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        });
        let end = end.unwrap_or(content.len());
        self.0 = content.get(end + 1..).unwrap_or_default();
        &content[..end]
    }

    /// A parameter's name with its value, where it has one.
    fn parameter(&mut self) -> Option<(&'a str, &'a str)> {
        self.white_space();
        let name = self.token();
        self.white_space();
        self.0 = self.0.strip_prefix('=')?;
        self.white_space();
        let value = if self.0.starts_with('"') { self.quoted() } else { self.token() };
        Some((name, value))
    }

    /// Goes behind the next of these letters, where one comes in this metric; quoted strings have none.
    fn up_to(&mut self, letters: &[char]) -> bool {
        loop {
            self.0 = self.0.trim_start_matches(|letter| !['"', ';', ','].contains(&letter));
            match self.0.chars().next() {
                Some('"') => _ = self.quoted(),
                Some(letter) if letters.contains(&letter) => {
                    self.0 = &self.0[1..];
                    return true;
                }
                Some(';') => self.0 = &self.0[1..],
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Vec<(&str, f64)> {
        metrics(value).into_iter().map(|(name, duration)| (name, duration.as_micros() as f64 / 1000.0)).collect()
    }

    #[test]
    fn reads_what_the_runtime_library_sends() {
        let value = "body;dur=1.204, queue;dur=0.051, compute;dur=7.904, compute.parse;dur=2.703, copy-out;dur=0.151";
        let expected =
            [("body", 1.204), ("queue", 0.051), ("compute", 7.904), ("compute.parse", 2.703), ("copy-out", 0.151)];
        assert_eq!(read(value), expected);
    }

    #[test]
    fn follows_the_grammar() {
        for (value, expected) in [
            ("miss", vec![]),
            ("miss, db;dur=53", vec![("db", 53.0)]),
            ("cache;desc=\"Cache; Read, dur=9\";dur=23.2", vec![("cache", 23.2)]),
            ("a;desc=\"an \\\" quote, b;dur=1\";dur=2,c;dur=3", vec![("a", 2.0), ("c", 3.0)]),
            ("a ; DUR = 1.5 ,\tb;dur=\"2\"", vec![("a", 1.5), ("b", 2.0)]),
            ("a;dur=1;dur=2", vec![("a", 1.0)]),
            ("a;dur;desc=x;dur=2", vec![("a", 2.0)]),
        ] {
            assert_eq!(read(value), expected, "{value}");
        }
    }

    #[test]
    fn what_is_wrong_costs_no_other_metric() {
        for value in [
            "=;dur=4, b;dur=1",
            "a;dur=x, b;dur=1",
            "a;dur=-1, b;dur=1",
            "a;dur=NaN, b;dur=1",
            "a;dur=1e300, b;dur=1",
            "é;dur=2, b;dur=1",
            ",,b;dur=1,",
            "b@?;dur=1",
            "b;dur=1;x=\"never ends, c;dur=2",
        ] {
            assert_eq!(read(value), [("b", 1.0)], "{value}");
        }
        assert_eq!((read(""), read(",;\"")), (vec![], vec![]));
    }
}
