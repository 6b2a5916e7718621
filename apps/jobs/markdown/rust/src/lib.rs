//! Markdown to HTML, as CommonMark says.

use bluecrab::{Response, http};
use comrak::{Options, markdown_to_html};
use std::borrow::Cow;

/// What links by reference may come to, as in cmark: their targets are written out once for each link.
const MAX_EXPANSION: usize = 100_000;

/// The HTML of a Markdown text.
#[http(methods = ["POST"])]
pub fn markdown(text: String) -> Response {
    let mut options = Options::default();
    options.render.r#unsafe = true; // HTML within Markdown stays, as in CommonMark
    Response::new(markdown_to_html(&with_room_for_links(&text), &options))
        .with_header("content-type", "text/html; charset=utf-8")
}

/// comrak lets links by reference come to as many bytes as the text has, so that in a short text only the first ones are
/// links. A blank line before the text changes nothing else.
fn with_room_for_links(text: &str) -> Cow<'_, str> {
    let has_definitions = text.contains("]:");
    let missing = MAX_EXPANSION.saturating_sub(text.len());
    if has_definitions && missing > 0 { format!("{}\n{text}", " ".repeat(missing)).into() } else { text.into() }
}
