//! A page that links the reports.

/// The page, from titles with the addresses of the reports.
pub fn page(reports: &[(String, String)]) -> String {
    let item = |(title, address): &(String, String)| format!("<li><a href=\"{address}\">{}</a></li>\n", escape(title));
    let items: String = reports.iter().map(item).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Benchmarks</title>\n\
        <style>:root {{ color-scheme: light dark }} body {{ font: 1rem system-ui, sans-serif; max-width: 50rem; \
        margin: 2rem auto; padding: 0 1rem }}</style>\n</head>\n<body>\n<h1>Benchmarks</h1>\n<ul>\n{items}</ul>\n</body>\n</html>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
