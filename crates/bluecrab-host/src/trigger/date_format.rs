//! Formats a time with a format of .NET, as binding expressions use it: `{DateTime:yyyy-MM-dd}`.

use jiff::{Timestamp, tz::TimeZone};

/// Formats a time in UTC. The specifiers are those of .NET's custom format strings, in the invariant culture.
pub fn format(time: Timestamp, format: &str) -> String {
    let time = time.to_zoned(TimeZone::UTC);
    let mut text = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if matches!(first, '\'' | '"') {
            let (literal, after) = rest[1..].split_once(first).unwrap_or((&rest[1..], ""));
            text.push_str(literal);
            rest = after;
            continue;
        }
        let same = rest.chars().take_while(|next| *next == first).count();
        let (pattern, taken) = match (first, same) {
            ('y', 1..=2) => (if same == 1 { "%-y" } else { "%y" }, same),
            ('y', _) => ("%Y", same),
            ('M', 1) => ("%-m", 1),
            ('M', 2) => ("%m", 2),
            ('M', 3) => ("%b", 3),
            ('M', _) => ("%B", same),
            ('d', 1) => ("%-d", 1),
            ('d', 2) => ("%d", 2),
            ('d', 3) => ("%a", 3),
            ('d', _) => ("%A", same),
            ('H', 1) => ("%-H", 1),
            ('H', _) => ("%H", same),
            ('h', 1) => ("%-I", 1),
            ('h', _) => ("%I", same),
            ('m', 1) => ("%-M", 1),
            ('m', _) => ("%M", same),
            ('s', 1) => ("%-S", 1),
            ('s', _) => ("%S", same),
            ('f', 1..=7) => {
                let digits = format!("{:09}", time.subsec_nanosecond());
                text.push_str(&digits[..same]);
                ("", same)
            }
            ('t', 1) => (if time.hour() < 12 { "A" } else { "P" }, 1),
            ('t', _) => ("%p", same),
            ('z', 1) => ("+0", 1),
            ('z', 2) => ("+00", 2),
            ('z', _) => ("+00:00", same),
            ('K', _) => ("Z", 1),
            ('\\', _) => {
                text.extend(rest.chars().nth(1));
                rest = &rest[rest.chars().take(2).map(char::len_utf8).sum()..];
                continue;
            }
            (literal, _) => {
                text.push(literal);
                ("", 1)
            }
        };
        text.push_str(&time.strftime(pattern).to_string());
        rest = &rest[taken * first.len_utf8()..];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_as_dotnet_does() {
        let time: Timestamp = "2026-03-04T15:06:07.1234567Z".parse().unwrap();
        for (pattern, expected) in [
            ("yyyy-MM-ddTHH-mm-ssK", "2026-03-04T15-06-07Z"),
            ("yyyy/MM/dd", "2026/03/04"),
            ("yy M d H h m s t", "26 3 4 15 3 6 7 P"),
            ("ddd dddd MMM MMMM tt", "Wed Wednesday Mar March PM"),
            ("HH:mm:ss.fff fffffff zzz", "15:06:07.123 1234567 +00:00"),
            ("'year' yyyy \\y \"d\"", "year 2026 y d"),
            ("", ""),
        ] {
            assert_eq!(format(time, pattern), expected, "{pattern}");
        }
    }
}
