//! Compares the parser and the search with naive ones.

use super::*;
use jiff::civil::datetime;
use proptest::prelude::*;

const NAMES: [&[&str]; 6] = [&[], &[], &[], &[], &MONTHS, &WEEKDAYS];
const RANGES: [(u32, u32); 6] = [(0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];

/// Returns whether a value is in a field, straight from the field's text.
fn naive(field: usize, text: &str, value: u32) -> bool {
    let ((least, most), names) = (RANGES[field], NAMES[field]);
    let read = |text: &str| {
        text.parse().unwrap_or_else(|_| {
            let index = names.iter().position(|name| name.starts_with(&text.to_lowercase())).unwrap();
            u32::try_from(index).unwrap() + least
        })
    };
    text.split(',').any(|part| {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (read(first).min(read(last)), read(first).max(read(last))),
            None if range == "*" => (least, most),
            None => (read(range), if step.is_some() { most } else { read(range) }),
        };
        let step: u32 = step.map_or(1, |step| step.parse().unwrap()).max(1);
        (first..=last).contains(&value) && (value - first).is_multiple_of(step)
    })
}

fn field(index: usize) -> impl Strategy<Value = String> {
    let (least, most) = RANGES[index];
    let value = move || -> BoxedStrategy<String> {
        let numbers = (least..=most).prop_map(|number| number.to_string());
        match NAMES[index] {
            [] => numbers.boxed(),
            names => {
                let names = (prop::sample::select(names.to_vec()), 1_usize..10, any::<bool>());
                let names = names.prop_map(|(name, length, upper)| {
                    let name = &name[..length.min(name.len())];
                    if upper { name.to_uppercase() } else { name.to_owned() }
                });
                prop_oneof![numbers, names].boxed()
            }
        }
    };
    let range = prop_oneof![
        Just("*".to_owned()),
        value(),
        (value(), value()).prop_map(|(first, last)| format!("{first}-{last}"))
    ];
    let part = (range, prop::option::of(0_u32..70)).prop_map(|(range, step)| match step {
        Some(step) => format!("{range}/{step}"),
        None => range,
    });
    let list = prop::collection::vec(part, 1..4).prop_map(|parts| parts.join(","));
    prop_oneof![2 => Just("*".to_owned()), 3 => list]
}

fn expression() -> impl Strategy<Value = [String; 6]> {
    (field(0), field(1), field(2), field(3), field(4), field(5)).prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn finds_the_first_match_and_skips_none(
        fields in expression(),
        day in 0_i32..3000,
        second in 0_i32..86_400,
    ) {
        let cron = Ncrontab::parse(&fields.join(" ")).unwrap();
        let start = datetime(2024, 1, 1, 0, 0, 0, 0) + day.days() + second.seconds();
        let sets: Vec<Vec<bool>> = (0..6).map(|index| (0..60).map(|value| naive(index, &fields[index], value)).collect()).collect();
        let has = |field: usize, value: i8| sets[field][usize::try_from(value).unwrap()];
        let date_matches = |date: Date| {
            has(3, date.day()) && has(4, date.month()) && has(5, date.weekday().to_sunday_zero_offset())
        };
        let matches = |time: DateTime| {
            date_matches(time.date()) && has(0, time.second()) && has(1, time.minute()) && has(2, time.hour())
        };
        // A date such as 30 February never comes.
        let horizon = start.date() + 41.years();
        let Some(next) = cron.next(start) else {
            prop_assert!(!start.date().series(1.day()).skip(1).take_while(|date| *date < horizon).any(date_matches));
            return Ok(());
        };
        prop_assert!(next > start && matches(next) && cron.matches(next), "{} {}", start, next);
        let mut days_between = start.date().series(1.day()).skip(1).take_while(|date| *date < next.date());
        prop_assert_eq!(days_between.find(|date| date_matches(*date)), None);
        let end_of_day = start.date().to_datetime(Time::midnight()) + 1.day();
        let first = if next.date() == start.date() { start } else { next.date().to_datetime(Time::midnight()) - 1.second() };
        let skipped = first.series(1.second()).skip(1).take_while(|time| *time < next).find(|time| matches(*time));
        prop_assert_eq!(skipped, None);
        if next.date() > start.date() {
            let rest = start.series(1.second()).skip(1).take_while(|time| *time < end_of_day).find(|time| matches(*time));
            prop_assert_eq!(rest, None);
        }
    }

    #[test]
    fn refuses_any_text_without_a_panic(text in "[-*/,0-9a-zA-Z? ]{0,24}") {
        let _ = Ncrontab::parse(&text);
    }
}

#[test]
fn reads_what_the_platform_reads() {
    let start = datetime(2026, 11, 26, 17, 30, 15, 500_000_000);
    for (expression, next) in [
        ("*/5 * * * *", datetime(2026, 11, 26, 17, 35, 0, 0)),
        ("0 */5 * * * *", datetime(2026, 11, 26, 17, 35, 0, 0)),
        ("* * * * * *", datetime(2026, 11, 26, 17, 30, 16, 0)),
        ("0 30 9 * * Mon-fri", datetime(2026, 11, 27, 9, 30, 0, 0)),
        ("0 0 0 * * M", datetime(2026, 11, 30, 0, 0, 0, 0)),
        ("0 0 0 1 M *", datetime(2027, 3, 1, 0, 0, 0, 0)),
        ("0 0 0 13 * 5", datetime(2027, 8, 13, 0, 0, 0, 0)),
        ("0 0 0 29 2 *", datetime(2028, 2, 29, 0, 0, 0, 0)),
        ("0 0 20-18 * * *", datetime(2026, 11, 26, 18, 0, 0, 0)),
        ("0 40/10 * * * *", datetime(2026, 11, 26, 17, 40, 0, 0)),
        ("0 */0 * * * *", datetime(2026, 11, 26, 17, 31, 0, 0)),
    ] {
        assert_eq!(Ncrontab::parse(expression).unwrap().next(start), Some(next), "{expression}");
    }
    assert_eq!(Ncrontab::parse("0 0 0 30 2 *").unwrap().next(start), None);
}

#[test]
fn names_the_field_that_is_wrong() {
    for (expression, part) in [
        ("* * * *", "4 fields"),
        ("60 * * * * *", "second is \"60\""),
        ("0 0 24 * * *", "hour is \"24\""),
        ("0 0 0 0 * *", "day is \"0\""),
        ("0 0 0 L * *", "day is \"L\""),
        ("0 0 0 * * 7", "weekday is \"7\""),
        ("0 0 0 * * 5#2", "weekday is \"5#2\""),
        ("0 0 0 ? * *", "day is \"?\""),
        ("0 0 0 * Foo *", "month is \"Foo\""),
        ("0 5, * * * *", "minute is \"5,\""),
        ("0 -5 * * * *", "minute is \"-5\""),
        ("0 */x * * * *", "not a step"),
    ] {
        let error = Ncrontab::parse(expression).unwrap_err();
        assert!(error.contains(part), "{expression}: {error}");
    }
}
