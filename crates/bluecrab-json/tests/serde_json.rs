//! Any text and any value, held against serde_json.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

mod same;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use same::{check, check_printed};
use serde_json::{Number, Value};

/// Any value, with the names that the types of `same` know.
fn value() -> impl Strategy<Value = Value> {
    let double = prop_oneof![any::<f64>(), -1.0..1.0, (-1_000_000..1_000_000).prop_map(|n| f64::from(n) / 100.0)];
    let text = prop_oneof![any::<String>(), "[ -~]{0,40}", "[a-e\"\\\\/\n\u{0}é🦀]{0,20}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-200..300_i64).prop_map(Value::from),
        double.prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number)),
        text.clone().prop_map(Value::from),
    ];
    let name = prop_oneof![
        prop::sample::select(
            &[
                "a", "b", "c", "d", "type", "number", "text", "list", "One", "Two", "Number", "Pair", "Record",
                "Nothing", "1", "-7", "true"
            ][..]
        )
        .prop_map(str::to_owned),
        text,
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(name.clone(), inner, 0..5).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// The text of a value, with white space, escapes, repeated names and other spellings of its numbers.
fn text() -> impl Strategy<Value = Vec<u8>> {
    (value(), any::<bool>(), vec((any::<prop::sample::Index>(), part()), 0..3)).prop_map(|(value, pretty, edits)| {
        let mut text = if pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) }.unwrap();
        for (index, (part, replaces)) in edits {
            let at = index.index(text.len() + 1);
            let end = (at + replaces).min(text.len());
            text.splice(at..end, part.bytes());
        }
        text
    })
}

/// What an edit puts into a text.
const PARTS: &[&str] = &[
    "",
    " ",
    "\n",
    "\t",
    ",",
    ":",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\\",
    "\\u00e9",
    "\\ud83e\\udd80",
    "\\ud800",
    "\\udc00x",
    "\\u12",
    "\\x",
    "0",
    "1",
    "-",
    "-0",
    "01",
    ".",
    ".5",
    "e",
    "E+5",
    "e-400",
    "1e400",
    "null",
    "true",
    "nul",
    "NaN",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "340282366920938463463374607431768211455",
    "123456789012345678901234567890.5",
    "0.1000000059604644775390625",
    "1.00000005960464477539062500000001",
    "1e-46",
    "3.4028236e38",
    "\"a\":1,",
    "\"type\":\"One\",",
    "\u{1f}",
    "\u{7f}",
];

/// A part, and how many bytes it replaces.
fn part() -> impl Strategy<Value = (&'static str, usize)> {
    (prop::sample::select(PARTS), 0..3_usize)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn reads_and_prints_the_same(text in text()) {
        check(&text);
    }

    #[test]
    fn reads_the_same_bytes(mut text in text(), byte: u8, index: prop::sample::Index) {
        // The edits may have made the text empty.
        let at = index.index(text.len() + 1);
        text.splice(at..(at + 1).min(text.len()), [byte]);
        check(&text);
    }

    #[test]
    fn reads_the_same_numbers(
        digits in "-?[0-9]{1,25}",
        fraction in prop::option::of("[0-9]{0,25}"),
        exponent in prop::option::of("[eE][+-]?[0-9]{0,4}"),
        pad in 0..50_usize,
    ) {
        let fraction = fraction.map_or(String::new(), |digits| format!(".{digits}"));
        let number = format!("{digits}{fraction}{}", exponent.unwrap_or_default());
        check(number.as_bytes());
        check(format!("[{number},{number} ,\n{number}]{}", " ".repeat(pad)).as_bytes());
        check(format!("{{\"{number}\":{number}}}").as_bytes());
    }

    #[test]
    fn prints_singles(bits in vec(any::<u32>(), 0..9)) {
        check_printed(&bits.into_iter().map(f32::from_bits).collect::<Vec<_>>());
    }

    #[test]
    fn prints_texts(text: String, escapes in "[\u{0}-\u{22}\\\\\u{7f}-\u{80}]{0,40}") {
        check_printed(&(text.as_str(), escapes, format_args!("{text:?}")));
    }
}

/// One text for each form that a type can have.
#[test]
fn reads_every_form_of_every_type() {
    for text in [
        r#"["Nothing", {"Number": 1}, {"Pair": [-1, "x"]}, {"Record": {"a": true, "b": [0, 255]}}, {"Record": [null, []]}]"#,
        r#"[{"Nothing": null}, {"Nothing" : null }, {"Number":1.5 }]"#,
        r#"[{"Nothing": 1}]"#,
        r#"["Number"]"#,
        r#"[{}]"#,
        r#"[{"Number": 1, "Pair": 2}]"#,
        r#"[{"type": "One", "number": 2}, {"text": "x", "type": "Two", "list": [1, -2]}]"#,
        r#"[1, 1.5, -0, "x", [1, 2.5], {"Number": 3}, "Nothing", 18446744073709551615]"#,
        r#"[{"a": 1, "type": "One", "number": 0.5, "c": [1, {"d": null}]}, {"a": 2, "x": "y"}]"#,
        r#"{"a": 1, "b": "x", "c": ["y", null], "d": [{"a": 2.5}, {"b": null, "a": -0.0}]}"#,
        r#"{"a": 1, "e": 2}"#,
        r#"[1, "x", ["y", null], []]"#,
        r#"{"1": true, "-7": false, "0": true}"#,
        r#"{"1": "x", "340282366920938463463374607431768211455": "é"}"#,
        r#"{"1 ": true}"#,
        r#"{" 1": true}"#,
        r#"{"": true}"#,
        r#"{"true": null, "false": null}"#,
        r#"{"a": "b", "b": "a"}"#,
        r#"{"a": "text", "b": [1, "x" ], "c": "bytes"}"#,
        r#"{"a": "te\u0078t"}"#,
        r#""bytes with \ud800 and \ud83e\udd80 and \ud83e\n""#,
        "\"a\tb\"",
        "[1, 255]",
        "[-128, 65535, -9223372036854775808]",
        "[170141183460469231731687303715884105727, -170141183460469231731687303715884105728, 1.0]",
        "[170141183460469231731687303715884105728]",
        "340282366920938463463374607431768211455",
        "340282366920938463463374607431768211456",
        "-1",
        r#"{"x": [1, {"y": "\ud800"}], "z" : 1e999 }"#,
        r#"[{"number": 1.5, "pair": [1, "x"], "record": {"a": 2}, "unit": "a", "rest": 3}]"#,
        r#"[{"number": "1.5", "pair": [1], "record": {}, "unit": "c", "rest": 3}]"#,
        r#"[{"number": null, "pair": [ ], "record": {"a": "x"}, "unit": 1, "rest": 3}]"#,
        r#"[{"pair": [1, "x", 2]}]"#,
        r#"[{"record": {"d": [{"d": [{} ] } ] }, "rest": 3}]"#,
        r#"[{"record": {"e": 1}, "rest": 3}]"#,
    ] {
        check(text.as_bytes());
    }
}

#[test]
fn an_error_goes_on_at_the_same_depth() {
    let list = |elements: usize, last: &str| format!("[{}{last}]", "{\"record\": {}},".repeat(elements));
    same::check(list(300, "{\"rest\": 1}").as_bytes());
    same::check(list(300, "{\"rest\": true}").as_bytes());
}

#[derive(Debug, serde::Deserialize)]
enum Side {
    Left,
    Right,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its name is read")]
struct Known {
    field: u8,
}

#[test]
fn a_message_repeats_only_the_start_of_a_long_string() {
    fn message<T: serde::de::DeserializeOwned>(text: &str) -> String {
        bluecrab_json::from_slice::<T>(text.as_bytes()).err().unwrap().to_string()
    }
    let (long, start) = ("\u{7f}".repeat(1000), "\\u{7f}".repeat(64));
    assert_eq!(
        message::<Vec<f64>>(&format!("\"{long}\"")),
        format!("invalid type: string \"{start}…\", expected a sequence at line 1 column 1")
    );
    assert_eq!(
        message::<char>(&format!("\"{long}\"")),
        format!("invalid value: string \"{start}…\", expected a character at line 1 column 1")
    );
    let (long, start) = ("é".repeat(1000), "é".repeat(32));
    assert_eq!(
        message::<Side>(&format!("\"{long}\"")),
        format!("unknown variant `{start}…`, expected `Left` or `Right` at line 1 column 1")
    );
    let unknown = message::<Known>(&format!("{{\"{long}\": 1}}"));
    assert!(unknown.starts_with(&format!("unknown field `{start}…`, expected `field` at line 1 column ")), "{unknown}");
    let error: bluecrab_json::Error = serde::de::Error::custom(&long);
    assert_eq!(error.to_string(), "é".repeat(512) + "…");
}

#[test]
fn prints_what_a_text_cannot_hold() {
    use std::collections::BTreeMap;

    check_printed(&[f64::NAN, f64::INFINITY, -0.0, 1e21, 1e-7]);
    check_printed(&BTreeMap::from([(vec![1], 2)]));
    check_printed(&BTreeMap::from([((), 2)]));
    check_printed(&BTreeMap::from([(None::<u8>, 2)]));
    check_printed(&BTreeMap::from([(Some(1_u8), i128::MIN)]));
    check_printed(&BTreeMap::from([('"', u128::MAX)]));
    check_printed(&[(Value::from(1.5), Value::from(2.0))]);
    struct Keys<K>(K);
    impl<K: serde::Serialize> serde::Serialize for Keys<K> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([(&self.0, 1)])
        }
    }
    impl<K> std::fmt::Debug for Keys<K> {
        fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("keys")
        }
    }
    check_printed(&Keys(1.0));
    check_printed(&Keys(0.1_f32));
    check_printed(&Keys(f64::NAN));
    check_printed(&Keys(f32::INFINITY));
    check_printed(&Keys(format_args!("{}", "\"")));
}
