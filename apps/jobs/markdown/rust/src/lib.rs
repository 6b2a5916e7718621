//! Markdown to HTML, as CommonMark says.

use bluecrab::{Response, http};
use comrak::{Options, markdown_to_html};

/// The HTML of a Markdown text.
#[http(methods = ["POST"])]
pub fn markdown(text: String) -> Response {
    let mut options = Options::default();
    options.render.r#unsafe = true; // HTML within Markdown stays, as in CommonMark
    Response::new(markdown_to_html(&text, &options)).with_header("content-type", "text/html; charset=utf-8")
}
