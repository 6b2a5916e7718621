//! Texts compared as .NET's `OrdinalIgnoreCase` does: character by character, in upper case.

/// The rest of a text behind a prefix, whatever the case of either.
pub fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for expected in prefix.chars() {
        if upper(rest.next()?) != upper(expected) {
            return None;
        }
    }
    Some(rest.as_str())
}

/// Whether two texts differ in case at most.
pub fn equal(text: &str, other: &str) -> bool {
    strip_prefix(text, other) == Some("")
}

/// Where a text holds another one for the last time.
pub fn rfind(text: &str, part: &str) -> Option<usize> {
    text.char_indices().rev().map(|(index, _)| index).find(|index| strip_prefix(&text[*index..], part).is_some())
}

/// A character whose upper case is several characters stays.
fn upper(character: char) -> char {
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        _ => character,
    }
}
