//! Completes a line of the manifest at compile time. The macro knows the options of a function, but only the compiler
//! knows what the types of its arguments read and what its return type writes.

use super::Trigger;
use crate::fields::{RequestFields, equal};

/// A line of the manifest: `docs/abi.md`, sections 4 and 13.
#[derive(Clone, Copy)]
pub struct Line {
    /// The beginning, up to the last member of the trigger.
    pub before: &'static str,
    /// The properties of an MCP tool as a JSON list, or nothing.
    pub properties: &'static str,
    /// The kind of trigger.
    pub trigger: Trigger,
    /// What the arguments read.
    pub fields: RequestFields,
    /// The outputs of the options and of the return type, each the entries of a JSON list.
    pub outputs: [&'static str; 2],
    /// Whether there is a retry policy.
    pub has_retry: bool,
    /// Whether each call needs a new instance.
    pub is_fresh: bool,
    /// The text after the outputs.
    pub after: &'static str,
}

impl Line {
    /// The length of the line in bytes.
    pub const fn length(self) -> usize {
        length(&self.parts())
    }

    /// Prints the line.
    pub const fn print<const N: usize>(self) -> [u8; N] {
        concat(&self.parts())
    }

    /// Whether requests have only the parts of HTTP, and responses too.
    pub const fn is_plain(self) -> bool {
        self.trigger.is_http && self.fields.are_plain() && !self.has_outputs()
    }

    const fn has_outputs(self) -> bool {
        !self.outputs[0].is_empty() || !self.outputs[1].is_empty()
    }

    const fn parts(self) -> [&'static str; Parts::MAX] {
        let mut parts = Parts { list: [""; Parts::MAX], count: 0, is_first: true };
        parts.add(self.before);
        if !self.properties.is_empty() {
            parts.add(",\"toolProperties\":");
            parts.add(self.properties);
        }
        if self.fields.is_batch() {
            parts.add(",\"cardinality\":\"many\"");
        }
        parts.add("},\"head\":[");
        let mut index = 0;
        while index < RequestFields::MAX_ENTRIES {
            if let Some([kind, name]) = self.fields.entry(index) {
                parts.comma();
                parts.add("\"");
                parts.add(kind);
                parts.add(name);
                parts.add("\"");
            }
            index += 1;
        }
        parts.add("]");
        let has_inputs = !self.fields.input(0).is_empty();
        if has_inputs {
            parts.start(",\"inputs\":[");
            let mut index = 0;
            while index < RequestFields::MAX_INPUTS {
                parts.entries(self.fields.input(index));
                index += 1;
            }
            parts.add("]");
        }
        if self.has_outputs() {
            parts.start(",\"outputs\":[");
            parts.entries(self.outputs[0]);
            parts.entries(self.outputs[1]);
            parts.add("]");
        }
        self.add_requires(&mut parts, has_inputs);
        parts.add(self.after);
        parts.list
    }

    const fn add_requires(self, parts: &mut Parts, has_inputs: bool) {
        if self.trigger.is_http && !has_inputs && !self.has_outputs() && !self.is_fresh {
            return;
        }
        parts.start(",\"requires\":[");
        parts.entries(if self.trigger.is_http { "" } else { "\"trigger\"" });
        parts.entries(if has_inputs { "\"inputs\"" } else { "" });
        parts.entries(if self.has_outputs() { "\"outputs\"" } else { "" });
        parts.entries(if self.has_retry { "\"retry\"" } else { "" });
        parts.entries(if self.is_fresh { "\"fresh\"" } else { "" });
        parts.add("]");
    }
}

/// Fails to compile if two inputs or outputs of a function have the same name: a function app knows a binding by its
/// name only.
#[track_caller]
pub const fn assert_names_differ(fields: &RequestFields, outputs: [&str; 2]) {
    let mut texts = [""; RequestFields::MAX_INPUTS + 2];
    [texts[0], texts[1]] = outputs;
    let mut index = 0;
    while index < RequestFields::MAX_INPUTS {
        texts[2 + index] = fields.input(index);
        index += 1;
    }
    let mut index = 0;
    while index < texts.len() {
        let mut at = 0;
        while let Some((name, end)) = next_name(texts[index], at) {
            let (mut other, mut from) = (index, end);
            while other < texts.len() {
                while let Some((found, end)) = next_name(texts[other], from) {
                    assert!(
                        !equal(name, found),
                        "two inputs or outputs of this function have the same name: rename a field"
                    );
                    from = end;
                }
                (other, from) = (other + 1, 0);
            }
            at = end;
        }
        index += 1;
    }
}

/// The name of the next binding in the entries of a JSON list, in its quotation marks, and the byte after it. Texts
/// within JSON have a backslash before each quotation mark, so the key is not found within one.
const fn next_name(entries: &str, start: usize) -> Option<(&[u8], usize)> {
    const KEY: &[u8] = b"\"name\":";
    let mut rest = entries.as_bytes().split_at(start).1;
    let mut at = start;
    while rest.len() > KEY.len() {
        let (before, after) = rest.split_at(KEY.len());
        if equal(before, KEY) {
            let mut length = 1;
            while after[length] != b'"' {
                length += 1;
            }
            return Some((after.split_at(length).0, at + KEY.len() + length));
        }
        (rest, at) = (rest.split_at(1).1, at + 1);
    }
    None
}

struct Parts {
    list: [&'static str; Self::MAX],
    count: usize,
    is_first: bool,
}

impl Parts {
    /// Each entry of the head is five parts with its comma. All the other parts are fewer than forty.
    const MAX: usize = 5 * RequestFields::MAX_ENTRIES + 40;

    const fn add(&mut self, part: &'static str) {
        self.list[self.count] = part;
        self.count += 1;
    }

    /// Starts a list.
    const fn start(&mut self, part: &'static str) {
        self.add(part);
        self.is_first = true;
    }

    const fn comma(&mut self) {
        if !self.is_first {
            self.add(",");
        }
        self.is_first = false;
    }

    const fn entries(&mut self, entries: &'static str) {
        if !entries.is_empty() {
            self.comma();
            self.add(entries);
        }
    }
}

/// The length of all parts together.
pub const fn length(parts: &[&str]) -> usize {
    let (mut length, mut index) = (0, 0);
    while index < parts.len() {
        length += parts[index].len();
        index += 1;
    }
    length
}

/// All parts, one after the other.
pub const fn concat<const N: usize>(parts: &[&str]) -> [u8; N] {
    let (mut bytes, mut at, mut index) = ([0; N], 0, 0);
    while index < parts.len() {
        let (part, mut byte) = (parts[index].as_bytes(), 0);
        while byte < part.len() {
            bytes[at] = part[byte];
            at += 1;
            byte += 1;
        }
        index += 1;
    }
    bytes
}

/// Returns the bytes as text.
///
/// # Panics
/// Panics if they are not UTF-8. They come from texts, so this does not happen.
pub const fn text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("the bytes are not UTF-8"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Line = Line {
        before: "{\"trigger\":{\"type\":\"httpTrigger\"",
        properties: "",
        trigger: Trigger::HTTP,
        fields: RequestFields::METHOD.union(RequestFields::header("accept")).union(RequestFields::QUERY),
        outputs: ["", ""],
        has_retry: false,
        is_fresh: false,
        after: ",\"timeoutMs\":1}\n",
    };

    fn printed(line: Line) -> String {
        line.parts().concat()
    }

    #[test]
    fn a_line_of_http_lists_the_fields() {
        const LINE: [u8; PLAIN.length()] = PLAIN.print();
        let head = r#""head":["method","query","header:accept"]"#;
        let expected = format!(r#"{{"trigger":{{"type":"httpTrigger"}},{head},"timeoutMs":1}}"#) + "\n";
        assert_eq!(std::str::from_utf8(&LINE).unwrap(), expected);
        assert!(PLAIN.is_plain());
    }

    #[test]
    fn other_lines_say_what_they_require() {
        let fields =
            RequestFields::metadata("dequeueCount").union(RequestFields::BATCH).union(RequestFields::inputs("1"));
        let line = Line {
            trigger: Trigger::BATCHED,
            fields: fields.union(RequestFields::inputs("2,3")),
            outputs: ["4", "5"],
            has_retry: true,
            is_fresh: true,
            ..PLAIN
        };
        let expected = concat!(
            r#"{"trigger":{"type":"httpTrigger","cardinality":"many"},"head":["metadata:dequeueCount"],"#,
            r#""inputs":[1,2,3],"outputs":[4,5],"requires":["trigger","inputs","outputs","retry","fresh"],"timeoutMs":1}"#,
            "\n"
        );
        assert_eq!(printed(line), expected);
        assert!(!line.is_plain());
        assert!(printed(Line { is_fresh: true, ..PLAIN }).contains(r#"],"requires":["fresh"],"#));
        assert!(printed(Line { outputs: ["", "5"], ..PLAIN }).contains(r#""outputs":[5],"requires":["outputs"],"#));
    }
}
