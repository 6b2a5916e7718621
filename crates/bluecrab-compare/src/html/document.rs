//! What every page has: head, style and title.

use super::svg::escape;

const STYLE: &str = include_str!("style.css");

/// A page of its own that needs no network; the body is HTML.
pub fn document(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
        <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    )
}

/// A page that links reports: their titles, addresses, and answers.
pub fn index(title: &str, reports: &[(String, String, String)]) -> String {
    let item = |(title, address, answer): &(String, String, String)| {
        let [title, address, answer] = [title, address, answer].map(|text| escape(text));
        format!("<li><a href=\"{address}\">{title}</a><p>{answer}</p></li>\n")
    };
    let items: String = reports.iter().map(item).collect();
    document(title, &format!("<ul class=\"index\">\n{items}</ul>\n"))
}
