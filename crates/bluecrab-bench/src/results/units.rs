//! Formats numbers and lists.

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
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// Formats the least and the greatest ratio, such as "2.00x to 4.00x". Returns `None` if there are no ratios.
pub fn span(ratios: &[f64]) -> Option<String> {
    let all = || ratios.iter().copied();
    let (least, most) = all().reduce(f64::min).zip(all().reduce(f64::max))?;
    let [least, most] = [least, most].map(digits);
    Some(if least == most { format!("{least}x") } else { format!("{least}x to {most}x") })
}

/// Returns each value once, in the order of its first appearance.
pub fn distinct<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut distinct = Vec::new();
    for value in values {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    distinct
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

/// Formats seconds since 1970 as a date. Returns `?` if they are beyond the calendar.
pub fn date(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    time.map_or("?".to_owned(), |time| time.strftime("%F").to_string())
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
        assert_eq!(distinct([2, 1, 2]), [2, 1]);
        assert_eq!(([951_782_400, u64::MAX].map(date), span(&[])), (["2000-02-29", "?"].map(str::to_owned), None));
    }
}
