//! Converts Markdown to HTML by the rules of CommonMark.

use bluecrab::{Response, http};
use comrak::{Options, markdown_to_html};

/// How many bytes the targets of reference links may have in all, as in cmark. Each link repeats its target, so a short
/// text could become very long.
const MAX_EXPANSION: usize = 100_000;

/// Converts a Markdown text to HTML.
#[http(methods = ["POST"])]
pub fn markdown(text: String) -> Response {
    let mut options = Options::default();
    options.render.r#unsafe = true; // Keeps HTML within Markdown, as CommonMark does.
    Response::new(markdown_to_html(&normal(text), &options)).with_header("content-type", "text/html; charset=utf-8")
}

/// Normalizes a text as markdown-it does: each line ends with `\n`. Also makes room for reference links.
fn normal(text: String) -> String {
    let mut text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    // comrak limits the targets of reference links to the length of the text, so in a short text only the first links
    // would work. A long blank line before the text raises the limit and changes nothing else.
    let missing = MAX_EXPANSION.saturating_sub(text.len());
    if missing > 0 && text.contains("]:") {
        text.insert_str(0, &(" ".repeat(missing) + "\n"));
    }
    text
}
