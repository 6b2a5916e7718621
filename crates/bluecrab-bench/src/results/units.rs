//! Formats numbers.

/// Formats a number with three digits, or with all digits before the point if there are more.
pub fn digits(number: f64) -> String {
    let decimals = match number.abs() {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    format!("{number:.decimals$}")
}

/// Formats seconds as milliseconds.
pub fn milliseconds(seconds: f64) -> String {
    digits(seconds * 1e3)
}

/// Formats bytes as megabytes.
pub fn megabytes(bytes: u64) -> String {
    digits(bytes as f64 / 1e6)
}

/// Formats bytes in a suitable unit.
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", digits(bytes as f64 / 1e3)),
        _ => format!("{} MB", megabytes(bytes)),
    }
}

/// Formats a number with a comma between thousands.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Joins names to a list, such as "a, b and c".
pub fn listed<T: AsRef<str>>(names: &[T]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [some @ .., last] => {
            let some: Vec<&str> = some.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", some.join(", "), last.as_ref())
        }
    }
}

/// Formats seconds since 1970 as a date.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`, for days after 1970.
pub fn date(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_readable() {
        assert_eq!([0.123, 12.34, 123.4].map(digits), ["0.12", "12.3", "123"]);
        assert_eq!([999, 1_500, 3_469_343].map(bytes), ["999 bytes", "1.50 kB", "3.47 MB"]);
        assert_eq!([0, 999, 1000, 250_000, 1_000_000].map(thousands).join(" "), "0 999 1,000 250,000 1,000,000");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, expected) in
            [(0, "1970-01-01"), (951_782_400, "2000-02-29"), (951_868_800, "2000-03-01"), (1_577_836_799, "2019-12-31")]
        {
            assert_eq!(date(seconds), expected);
        }
    }
}
