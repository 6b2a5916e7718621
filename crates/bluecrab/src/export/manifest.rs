//! Completes a line of the manifest at compile time. The macro knows the options of a function, but only the compiler
//! knows which parts of a request the types of its arguments read.

use crate::head::RequestFields;

/// The length of a line in bytes.
pub const fn manifest_length(before: &str, head: RequestFields, after: &str) -> usize {
    let mut length = before.len() + after.len();
    let mut first = true;
    let mut index = 0;
    while index < RequestFields::MAX_ENTRIES {
        if let Some([kind, name]) = head.entry(index) {
            length += kind.len() + name.len() + if first { 2 } else { 3 };
            first = false;
        }
        index += 1;
    }
    length
}

/// A line: the text before the list of the head's members, the members, and the text after them.
pub const fn manifest<const N: usize>(before: &str, head: RequestFields, after: &str) -> [u8; N] {
    let (mut line, mut at) = append([0; N], 0, before);
    let mut first = true;
    let mut index = 0;
    while index < RequestFields::MAX_ENTRIES {
        if let Some([kind, name]) = head.entry(index) {
            (line, at) = append(line, at, if first { "\"" } else { ",\"" });
            (line, at) = append(line, at, kind);
            (line, at) = append(line, at, name);
            (line, at) = append(line, at, "\"");
            first = false;
        }
        index += 1;
    }
    append(line, at, after).0
}

const fn append<const N: usize>(mut line: [u8; N], mut at: usize, text: &str) -> ([u8; N], usize) {
    let mut index = 0;
    while index < text.len() {
        line[at] = text.as_bytes()[index];
        at += 1;
        index += 1;
    }
    (line, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_lists_the_fields() {
        const FIELDS: RequestFields =
            RequestFields::METHOD.union(RequestFields::header("accept")).union(RequestFields::QUERY);
        const LINE: [u8; manifest_length("[", FIELDS, "]\n")] = manifest("[", FIELDS, "]\n");
        assert_eq!(&LINE, b"[\"method\",\"query\",\"header:accept\"]\n");
    }
}
