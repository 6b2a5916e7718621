//! Markdown to HTML, as CommonMark says.

use bluecrab::{Response, http};
use comrak::{Options, markdown_to_html};

/// What links by reference may come to, as in cmark: their targets are written out once for each link.
const MAX_EXPANSION: usize = 100_000;

/// The HTML of a Markdown text.
#[http(methods = ["POST"])]
pub fn markdown(text: String) -> Response {
    let mut options = Options::default();
    options.render.r#unsafe = true; // HTML within Markdown stays, as in CommonMark
    Response::new(markdown_to_html(&normal(text), &options)).with_header("content-type", "text/html; charset=utf-8")
}

/// The text as markdown-it reads it, each line ended by `\n`, with room for its links.
fn normal(text: String) -> String {
    let mut text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    // comrak lets links by reference come to as many bytes as the text has, so that in a short text only the first ones
    // are links. A blank line before the text changes nothing else.
    let missing = MAX_EXPANSION.saturating_sub(text.len());
    if missing > 0 && text.contains("]:") {
        text.insert_str(0, &(" ".repeat(missing) + "\n"));
    }
    text
}
