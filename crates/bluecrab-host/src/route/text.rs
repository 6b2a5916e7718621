//! Compares texts as .NET's `OrdinalIgnoreCase` does: character by character, in upper case.

/// Returns the text after a prefix, ignoring case.
pub fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for expected in prefix.chars() {
        if upper(rest.next()?) != upper(expected) {
            return None;
        }
    }
    Some(rest.as_str())
}

/// Returns whether two texts are equal, ignoring case.
pub fn equal(text: &str, other: &str) -> bool {
    strip_prefix(text, other) == Some("")
}

/// Finds the last occurrence of a text in another text, ignoring case.
pub fn rfind(text: &str, part: &str) -> Option<usize> {
    text.char_indices().rev().map(|(index, _)| index).find(|index| strip_prefix(&text[*index..], part).is_some())
}

/// Returns the upper-case form, or the character itself if that form has several characters.
fn upper(character: char) -> char {
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        _ => character,
    }
}
