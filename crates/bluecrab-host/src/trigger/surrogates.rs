//! Repairs JSON of JavaScript, whose texts may contain lone surrogates: halves of surrogate pairs.

use std::borrow::Cow;

const UNIT: usize = "\\ud800".len();
const REPLACEMENT: &str = "\\ufffd";

/// Replaces each escape of a lone surrogate, such as `\ud83d` without its other half, by the escape of U+FFFD.
/// `JSON.stringify` writes such escapes, and the platform's host writes U+FFFD for them, but serde_json refuses them.
pub fn replace_lone_surrogates(json: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut written, mut at) = (0, 0);
    while let Some(found) = json[at..].find('\\') {
        at += found;
        at += match (unit(json, at), unit(json, at + UNIT)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => 2 * UNIT,
            (Some(0xd800..0xe000), _) => {
                out.push_str(&json[written..at]);
                out.push_str(REPLACEMENT);
                written = at + UNIT;
                UNIT
            }
            // Whatever follows the backslash, it is no escape of its own.
            _ => 1 + json[at + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    if written == 0 { Cow::Borrowed(json) } else { Cow::Owned(out + &json[written..]) }
}

/// The number in the escape `\uXXXX` at this place.
fn unit(json: &str, at: usize) -> Option<u32> {
    let digits = json.get(at..at + UNIT)?.strip_prefix("\\u")?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_are_replaced_and_pairs_stay() {
        for (json, expected) in [
            (r#"["a\n🦀\u00e4"]"#, r#"["a\n🦀\u00e4"]"#),
            (r#""\ud83e\udd80""#, r#""\ud83e\udd80""#),
            (r#""cut \ud83e""#, r#""cut \ufffd""#),
            (r#""\uDD80\ud83e\ud83e\udd80\udd80""#, r#""\ufffd\ufffd\ud83e\udd80\ufffd""#),
            (r#"{"\ud83e":"\\ud83e"}"#, r#"{"\ufffd":"\\ud83e"}"#),
            (r#""\ud8"#, r#""\ud8"#),
            (r#""\u+d83"#, r#""\u+d83"#),
            ("\\", "\\"),
            ("\\🦀", "\\🦀"),
            ("\\ud83🦀", "\\ud83🦀"),
        ] {
            assert_eq!(replace_lone_surrogates(json), expected, "{json}");
        }
    }
}
