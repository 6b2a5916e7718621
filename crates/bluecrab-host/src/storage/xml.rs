//! Reads and writes the XML of the queue and blob services.

use roxmltree::{Document, Node};

/// Parses a document and passes it to `read`.
///
/// # Errors
/// Returns what is wrong with the text.
pub fn parse<T>(text: &str, read: impl FnOnce(&Document<'_>) -> T) -> Result<T, String> {
    // The blob service begins its answers with a byte order mark.
    let document = Document::parse(text.trim_start_matches('\u{feff}')).map_err(|error| error.to_string())?;
    Ok(read(&document))
}

/// Returns the elements with a name, anywhere in a document.
pub fn elements<'a>(document: &'a Document<'a>, name: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(move |node| node.has_tag_name(name))
}

/// Returns the child element with a name.
pub fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// Returns the text of the child element with a name.
pub fn text<'a>(node: Node<'a, 'a>, name: &str) -> &'a str {
    child(node, name).and_then(|child| child.text()).unwrap_or_default()
}

/// Returns the code and the message of an answer that describes an error.
pub fn error(text: &str) -> Option<(String, String)> {
    let read = |document: &Document<'_>| {
        let root = document.root_element();
        (self::text(root, "Code").to_owned(), self::text(root, "Message").to_owned())
    };
    parse(text, read).ok()
}

/// Escapes a text. Returns the first character that XML cannot contain, if there is one.
pub fn escape(text: &str) -> Result<String, char> {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // A parser would read a plain carriage return as a line feed.
            '\r' => escaped.push_str("&#13;"),
            '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => escaped.push(character),
            other => return Err(other),
        }
    }
    Ok(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_text_is_read_back() {
        let text = "a & b < c > d \"'\t\r\n\u{1f980} ]]>";
        let document = format!("<a><b>{}</b></a>", escape(text).unwrap());
        assert_eq!(parse(&document, |document| self::text(document.root_element(), "b").to_owned()).unwrap(), text);
        assert_eq!(escape("a\u{0}b"), Err('\u{0}'));
        assert_eq!(escape("\u{ffff}"), Err('\u{ffff}'));
    }

    #[test]
    fn reads_an_error() {
        let text =
            "\u{feff}<?xml version=\"1.0\"?><Error><Code>QueueNotFound</Code><Message>No.\nTime:1</Message></Error>";
        assert_eq!(error(text), Some(("QueueNotFound".to_owned(), "No.\nTime:1".to_owned())));
        assert_eq!(error("not xml"), None);
    }
}
