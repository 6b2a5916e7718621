//! Names the value at a byte of a JSON text, so that an error says which value is wrong.

/// How deep the value may lie and how long its pointer may be, so that a hostile text costs little.
const DEEPEST: usize = 128;
const LONGEST: usize = 1024;

/// What has been read of an open list or object.
enum Level<'a> {
    List(usize),
    /// The key of the current member, in its quotation marks.
    Object(Option<&'a [u8]>),
}

/// The JSON pointer (RFC 6901) of the value at this byte, such as `/lines/0/price`. A bracket that closes belongs to its
/// list or object. The pointer of the whole text is empty, and there is none if it would be very long.
pub fn pointer(text: &[u8], offset: usize) -> Option<String> {
    let mut levels = Vec::new();
    let mut at = 0;
    while at < offset {
        if levels.len() > DEEPEST {
            return None;
        }
        let end = if text[at] == b'"' { end_of_string(text, at) } else { at + 1 };
        match (text[at], levels.last_mut()) {
            (b'{', _) => levels.push(Level::Object(None)),
            (b'[', _) => levels.push(Level::List(0)),
            (b'}' | b']', _) => drop(levels.pop()),
            (b',', Some(Level::List(index))) => *index += 1,
            (b',', Some(Level::Object(key))) => *key = None,
            (b'"', Some(Level::Object(key @ None))) if end <= offset => *key = Some(&text[at..end]),
            _ => {}
        }
        at = end;
    }
    if at == offset && matches!(text.get(at), Some(b'}' | b']')) {
        match levels.last_mut() {
            Some(Level::Object(key)) => *key = None,
            Some(Level::List(_)) => return print(&levels[..levels.len() - 1]),
            None => {}
        }
    }
    print(&levels)
}

/// The byte after the string that begins at `start`.
fn end_of_string(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn print(levels: &[Level<'_>]) -> Option<String> {
    let mut pointer = String::new();
    for level in levels {
        match level {
            Level::List(index) => pointer.push_str(&format!("/{index}")),
            Level::Object(Some(key)) if key.len() <= LONGEST => {
                let key: String = bluecrab_json::from_slice(key).ok()?;
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Level::Object(Some(_)) => return None,
            Level::Object(None) => {}
        }
    }
    (pointer.len() <= LONGEST).then_some(pointer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_value_at_a_byte() {
        let text = r#"{"a":[10,{"b/c~d":true,"e":[]}],"f\"}":{"g":"]"}}"#;
        for (part, expected) in [
            ("{\"a", ""),
            ("\"a\"", ""),
            ("[10", "/a"),
            ("10", "/a/0"),
            ("{\"b", "/a/1"),
            ("rue", "/a/1/b~1c~0d"),
            ("[]", "/a/1/e"),
            ("]}]", "/a/1/e"),
            ("}]", "/a/1"),
            ("],\"f", "/a"),
            ("{\"g", "/f\"}"),
            ("]\"}", "/f\"}/g"),
        ] {
            assert_eq!(pointer(text.as_bytes(), text.find(part).unwrap()).as_deref(), Some(expected), "{part}");
        }
        assert_eq!(pointer(text.as_bytes(), text.len()).as_deref(), Some(""));
    }

    #[test]
    fn texts_that_are_cut_off_or_hostile_have_a_pointer_or_none() {
        assert_eq!(pointer(b"{\"a\":[1,\"x\\", 11).as_deref(), Some("/a/1"));
        assert_eq!(pointer(b"]}],{\"a\":1", 9).as_deref(), Some("/a"));
        assert_eq!(pointer("[".repeat(1_000_000).as_bytes(), 1_000_000), None);
        let text = format!("{{\"{}\":1}}", "k".repeat(5000));
        assert_eq!(pointer(text.as_bytes(), text.len() - 2), None);
        for offset in 0..=40 {
            let text = br#"{"a":[1,{"b":"\u00e4\"]"}],"c":{"d":null}}"#;
            assert!(pointer(text, offset).is_some(), "{offset}");
        }
    }
}
