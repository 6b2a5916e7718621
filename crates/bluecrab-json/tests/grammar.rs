//! The grammar of RFC 8259, case by case: which texts are JSON and which are not.

use serde::de::IgnoredAny;
use serde_json::Value;

/// The cases of each section. Names of the form `y` and `n` follow the public JSON parsing test suite.
const VALID: &[&str] = &[
    // Values and white space.
    "null",
    "true",
    "false",
    "0",
    "\"\"",
    "[]",
    "{}",
    " [] ",
    "\r\n\t [\r\n\t ] \r\n\t ",
    "\"a\"",
    "[null, 1, \"1\", {}]",
    "[[]   ]",
    "[\"\"]",
    "[1\n]",
    " [1]",
    "[1,null,null,null,2]",
    "[2] ",
    "42",
    "-0.1",
    "[[[[[[]]]]]]",
    // Numbers.
    "-0",
    "-1",
    "[-0]",
    "1.0",
    "0.5",
    "123e65",
    "0e+1",
    "0e1",
    " 4",
    "-123",
    "1E22",
    "1E-2",
    "1E+2",
    "123e45",
    "123.456e78",
    "1e-2",
    "1e+2",
    "123.456789",
    "0.00000000000000000000000000000000000000000000000000000000000000001",
    "-0.000000000000000000000000000000000000000000000000000000000000000000000000000001",
    "1e-400",
    "18446744073709551616",
    "-9223372036854775809",
    "123123123123123123123123123123",
    "20e1",
    // Strings.
    "\"\\u0060\\u012a\\u12AB\"",
    "\"\\uD801\\udc37\"",
    "\"\\ud83d\\ude39\\ud83d\\udc8d\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\\\u0000\"",
    "\"\\\"\"",
    "\"a/*b*/c/*d//e\"",
    "\"\\\\a\"",
    "\"\\\\n\"",
    "\"\\u0012\"",
    "\"\\uFFFF\"",
    "\"asd \"",
    "\"\\uDBFF\\uDFFF\"",
    "\"new\\u00A0line\"",
    "\"\u{10ffff}\"",
    "\"\u{ffff}\"",
    "\"\\u0000\"",
    "\"\\u002c\"",
    "\"\u{3c0}\"",
    "\"\u{1bfff}\"",
    "\"\\uD834\\uDd1e\"",
    "\"\\u0821\"",
    "\"\u{2028}\"",
    "\"\u{2029}\"",
    "\"\u{7f}\"",
    "\"a\u{7f}a\"",
    "\"\\u0061\\u30af\\u30EA\\u30b9\"",
    "\" \"",
    "\"\\uA66D\"",
    "\"\\u2064\"",
    "\"\\u005C\"",
    "\"\\u0022\"",
    "\"€𝄞\"",
    "\"\u{feff}\"",
    // Objects.
    "{\"a\":[]}",
    "{\"\":0}",
    "{\"a\":\"b\",\"a\":\"c\"}",
    "{\"a\":\"b\",\"a\":\"b\"}",
    "{\"foo\\u0000bar\": 42}",
    "{ \"min\": -1.0e+28, \"max\": 1.0e+28 }",
    "{\"title\":\"\\u041f\\u043e\" }",
    "{\n\"a\": \"b\"\n}",
    "{\"x\":[{\"id\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}], \"id\": \"y\"}",
];

const INVALID: &[&str] = &[
    // Structure.
    "",
    " ",
    "[",
    "{",
    "]",
    "}",
    "[1",
    "[1,",
    "[\"\"",
    "[\"a",
    "[\"a\"",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "[1 true]",
    "[a",
    "[\"\": 1]",
    "[\"\"],",
    "[,1]",
    "[1,,2]",
    "[\"x\",,]",
    "[\"x\"]]",
    "[\"\",]",
    "[3[4]]",
    "[1:2]",
    "[1,]",
    "[,]",
    "[-]",
    "[   , \"\"]",
    "[1,\n1\n,1",
    "[*]",
    "[1,,]",
    "[\u{b}\"a\"\u{c}]",
    "[\u{c}]",
    "[\u{a0}1]",
    "[\u{2060}]",
    "[\u{feff}]",
    "[} ",
    "{]",
    "[1}",
    "{\"a\":1]",
    "[]]",
    "[]}",
    "[][]",
    "1 2",
    "{}{}",
    "[1]x",
    "<.>",
    "[<null>]",
    "2@",
    "{}}",
    "[\"asd]",
    "[True]",
    "aå",
    "[\\u000A\"\"]",
    "\u{e5}",
    "'a'",
    "['a']",
    "/**/1",
    "[1]//",
    "{\"a\":/*comment*/\"b\"}",
    "{\"a\":true} \"x\"",
    "[1]#",
    "{\"a\":\"a\" 123}",
    "{\"a\":\"b\"}/**/",
    "{\"a\":\"b\"}#",
    "[,",
    "{,",
    "[\"",
    "[{",
    "{[",
    "{\"\":",
    "{'a':0}",
    "\u{0}",
    "[\u{0}]",
    "*",
    // Words.
    "nul",
    "[nul]",
    "tru",
    "fals",
    "[fals]",
    "nulll",
    "truee",
    "NULL",
    "True",
    "None",
    "undefined",
    "nul l",
    // Numbers.
    "-",
    "+1",
    "++1234",
    "-01",
    "01",
    "-012",
    "00",
    "-1.0.",
    "-2.",
    "2.",
    ".1",
    ".-1",
    "-.123",
    "0.1.2",
    "0.3e",
    "0.3e+",
    "0.e1",
    "0E",
    "0E+",
    "0e",
    "0e+",
    "1.0e",
    "1.0e-",
    "1.0e+",
    "1 000.0",
    "1eE2",
    "2.e-3",
    "2.e+3",
    "2.e3",
    "9.e+",
    "Inf",
    "NaN",
    "-NaN",
    "-Infinity",
    "Infinity",
    "+Inf",
    "1+2",
    "0x1",
    "0x42",
    "- 1",
    "-foo",
    "-1x",
    "1.2a-3",
    "1.8011670033376514H-308",
    "\u{ff11}",
    "1_000",
    "1,000",
    "123.",
    "1e",
    "--1",
    "012",
    "-00",
    "0.",
    "1e1.5",
    "1.5e+9999999999e0e",
    // Strings.
    "\"",
    "\"\\\"",
    "\"a\\x00\"",
    "\"\\\\\\\"",
    "\"\\\t\"",
    "\"\\🌀\"",
    "\"\\\"",
    "\"\\a\"",
    "\"\\u00A\"",
    "\"\\uD834\\uDd\"",
    "\"\\uD800\\uD800\\x\"",
    "\"\\uqqqq\"",
    "\"\\\\",
    "abc",
    "\"\n\"",
    "\"\t\"",
    "\"\u{0}\"",
    "\"a\u{1f}\"",
    "\"\\U0041\"",
    "\"\\'\"",
    "\"\\u\"",
    "\"\\u1\"",
    "\"\\u123\"",
    "\"\\u123",
    "\"\\",
    "[\\\"\"]",
    "'single quote'",
    "\"\"x",
    "\"\\\n\"",
    "“quoted”",
    "\"\\u+123\"",
    "\"\\u 123\"",
    // Objects.
    "{\"x\", null}",
    "{\"x\"::\"b\"}",
    "{🇨🇭}",
    "{\"a\":\"a\" 123}",
    "{key: 'value'}",
    "{\"a\" b}",
    "{:\"b\"}",
    "{\"a\":}",
    "{1:1}",
    "{9999E9999:1}",
    "{null:null,null:null}",
    "{\"id\":0,,,,,}",
    "{'a':0}",
    "{\"id\":0,}",
    "{\"a\":\"b\",,\"c\":\"d\"}",
    "{a: \"b\"}",
    "{\"a\":\"a",
    "{ \"foo\" : \"bar\", \"a\" }",
    "{\"a\":\"b\"}#{}",
    "{\"a\" 1}",
    "{\"a\",1}",
    "{\"a\"=1}",
    "{true:1}",
    "{[]:1}",
    "{\"a\":1,}",
    "{,\"a\":1}",
    "{\"\\x\":1}",
    "{\"a\n\":1}",
];

/// A text that JSON allows and a type may still refuse: numbers too large for a double, and lone surrogates.
const TOO_LARGE: &[&str] =
    &["1e400", "-1e400", "0.4e00669999999999999999999999999999999999999999999999999999999999999"];
const LONE_SURROGATES: &[&str] = &[
    "\"\\uDADA\"",
    "\"\\uD888\\u1234\"",
    "\"\\uD800\\n\"",
    "\"\\uDd1e\\uD834\"",
    "\"\\ud800abc\"",
    "\"\\uDFAA\"",
    "\"\\uD800\\uD800\"",
];

fn is_json(text: &[u8]) -> bool {
    let read = bluecrab_json::from_slice::<Value>(text);
    assert_eq!(read.is_ok(), serde_json::from_slice::<Value>(text).is_ok(), "{}", String::from_utf8_lossy(text));
    read.is_ok()
}

fn is_skipped(text: &[u8]) -> bool {
    let skipped = bluecrab_json::from_slice::<IgnoredAny>(text).is_ok();
    let shown = String::from_utf8_lossy(text);
    assert_eq!(skipped, serde_json::from_slice::<IgnoredAny>(text).is_ok(), "{shown}");
    skipped
}

#[test]
fn accepts_every_form_that_the_grammar_has() {
    for text in VALID {
        for text in
            [(*text).to_owned(), format!(" {text}\n"), format!("[{text},\t{text}]"), format!("{{\"a\": {text} }}")]
        {
            assert!(is_json(text.as_bytes()), "{text}");
            assert!(is_skipped(text.as_bytes()), "{text}");
        }
    }
}

#[test]
fn refuses_everything_else() {
    for text in INVALID {
        for text in [(*text).to_owned(), format!(" {text} ")] {
            assert!(!is_json(text.as_bytes()), "{text}");
            assert!(!is_skipped(text.as_bytes()), "{text}");
        }
    }
    // Numbers in the middle of a long text, which are read in another way.
    for text in INVALID.iter().filter(|text| !text.contains(['[', ',', ':'])) {
        let text = format!("[{text},0.123456789012345678901234567890123456789012345678901234567890]");
        assert!(bluecrab_json::from_slice::<Vec<f64>>(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn leaves_to_the_type_what_the_grammar_allows() {
    for text in TOO_LARGE.iter().chain(LONE_SURROGATES) {
        assert!(is_skipped(text.as_bytes()), "{text}");
        assert!(!is_json(text.as_bytes()), "{text}");
    }
}

#[test]
fn every_byte_that_is_not_utf8_is_refused_where_it_is_read() {
    for bytes in [&b"\xff"[..], b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80"] {
        let text = [b"[\"ok\",\"a", bytes, b"\"]"].concat();
        assert!(!is_json(&text));
        let error = bluecrab_json::from_slice::<Value>(&text).unwrap_err();
        assert_eq!((error.offset(), error.to_string().contains("UTF-8")), (Some(8), true), "{error}");
        assert!(!is_json(&[b"[", bytes, b"]"].concat()));
    }
}

#[test]
fn deep_nesting_is_an_error_and_never_a_stack_overflow() {
    let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
    assert!(is_json(nested(127).as_bytes()));
    assert!(!is_json(nested(128).as_bytes()));
    for text in [nested(1_000_000), "[".repeat(1_000_000), "{\"a\":[".repeat(500_000)] {
        let error = bluecrab_json::from_slice::<Value>(text.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("nested too deep"), "{error}");
    }
    assert!(is_skipped(nested(2_000_000).as_bytes()));
}

#[test]
fn says_what_is_wrong_and_where() {
    #[derive(serde::Deserialize)]
    #[allow(dead_code, reason = "only read")]
    struct Point {
        x: f64,
        y: Option<u8>,
    }
    for (text, offset, message) in [
        ("", 0, "expected a value, found the end of the text at line 1 column 1"),
        ("[{\"x\":1},\n {\"x\":\"1\"}]", 16, "invalid type: string \"1\", expected f64 at line 2 column 7"),
        ("[{\"x\":null}]", 6, "invalid type: null, expected f64 at line 1 column 7"),
        ("[null]", 1, "invalid type: null, expected struct Point at line 1 column 2"),
        ("[{\"x\":1},\n {\"y\":1}]", 17, "missing field `x` at line 2 column 8"),
        ("[{\"x\":1,\"y\":300}]", 12, "invalid value: integer `300`, expected u8 at line 1 column 13"),
        ("[{\"x\":1 \"y\":1}]", 8, "expected `,` or `}`, found `\"` at line 1 column 9"),
        ("[{\"x\":1,}]", 8, "a comma before the end of an object at line 1 column 9"),
        ("[{\"x\" 1}]", 6, "expected `:`, found `1` at line 1 column 7"),
        ("[{x:1}]", 2, "expected a key in quotation marks, found `x` at line 1 column 3"),
        ("[{\"x\":1}", 8, "expected `,` or `]`, found the end of the text at line 1 column 9"),
        ("[{\"x\":1}]]", 9, "more text after the end of the value at line 1 column 10"),
        ("[{\"x\":01}]", 6, "a number with a leading zero at line 1 column 7"),
        ("[{\"x\":1.}]", 8, "expected a digit after the decimal point, found `}` at line 1 column 9"),
        ("[{\"x\":1e999}]", 6, "a number that is too large at line 1 column 7"),
        ("[{\"\u{1}\":1}]", 3, "a control character inside a string at line 1 column 4"),
        ("[{\"\\q\":1}]", 3, "an escape that JSON does not know at line 1 column 4"),
        ("[{\"\\ud800\":1}]", 3, "half of a surrogate pair at line 1 column 4"),
        ("[{\"x", 4, "a string without its end at line 1 column 5"),
        ("[\u{b}]", 1, "expected a value, found the byte 0x0b at line 1 column 2"),
        ("[{\"x\":tru}]", 6, "expected a value at line 1 column 7"),
    ] {
        let error = bluecrab_json::from_slice::<Vec<Point>>(text.as_bytes()).err().expect(text);
        assert_eq!((error.offset(), error.to_string()), (Some(offset), message.to_owned()), "{text}");
    }
}
