//! A line of the manifest, put together while compiling: the types of the arguments decide what the head carries.

use crate::head::HeadFields;

/// The length of a line.
pub const fn manifest_length(before: &str, head: HeadFields, after: &str) -> usize {
    let mut length = before.len() + after.len();
    let mut first = true;
    let mut index = 0;
    while index < HeadFields::MAX_ENTRIES {
        if let Some([kind, name]) = head.entry(index) {
            length += kind.len() + name.len() + if first { 2 } else { 3 };
            first = false;
        }
        index += 1;
    }
    length
}

/// A line: what comes before the names of the head's members, the names, and what comes after.
pub const fn manifest<const N: usize>(before: &str, head: HeadFields, after: &str) -> [u8; N] {
    let (mut line, mut at) = append([0; N], 0, before);
    let mut first = true;
    let mut index = 0;
    while index < HeadFields::MAX_ENTRIES {
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
    fn puts_a_line_together() {
        const HEAD: HeadFields = HeadFields::METHOD.union(HeadFields::header("accept")).union(HeadFields::QUERY);
        const LINE: [u8; manifest_length("[", HEAD, "]\n")] = manifest("[", HEAD, "]\n");
        assert_eq!(&LINE, b"[\"method\",\"query\",\"header:accept\"]\n");
    }
}
