//! Draws the marks and texts of plots.

use std::fmt::Write;

/// The width of every plot, in units of its view box.
pub const WIDTH: f64 = 420.0;
/// The average width of a letter in a wide font.
pub const LETTER: f64 = 8.0;

/// Opens a plot. Screen readers read its title and description.
pub fn open(title: &str, description: &str, height: f64) -> String {
    let (title, description) = (escape(title), escape(description));
    format!(
        r#"<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}"><title>{title}</title><desc>{description}</desc>"#
    )
}

pub fn line(svg: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let ends = format!(r#"x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}""#, from.0, from.1, to.0, to.1);
    // Writing to a String does not fail, here and in the other files of this folder.
    let _ = write!(svg, r#"<line class="{class}" {ends}/>"#);
}

pub fn label(svg: &mut String, anchor: &str, at: (f64, f64), text: &str) {
    let text = escape(text);
    let _ = write!(svg, r#"<text text-anchor="{anchor}" x="{:.1}" y="{:.1}">{text}</text>"#, at.0, at.1);
}

/// Draws a point of a series. Each colour has its own shape, so that points can be told apart without colours.
pub fn dot(svg: &mut String, colour: usize, (x, y): (f64, f64)) {
    let class = format!(r#"class="dot s{colour}""#);
    let _ = match colour % 4 {
        0 => write!(svg, r#"<circle {class} cx="{x:.1}" cy="{y:.1}" r="3.6"/>"#),
        1 => write!(svg, r#"<rect {class} x="{:.1}" y="{:.1}" width="6.6" height="6.6"/>"#, x - 3.3, y - 3.3),
        2 => write!(svg, r#"<path {class} d="M{x:.1} {:.1}l4.4 7.6h-8.8z"/>"#, y - 4.8),
        _ => write!(svg, r#"<path {class} d="M{x:.1} {:.1}l4.6 4.6l-4.6 4.6l-4.6 -4.6z"/>"#, y - 4.6),
    };
}

/// Cuts a text that is wider than this.
pub fn cut(text: &str, width: f64) -> String {
    let letters = (width / LETTER) as usize;
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    text.chars().take(letters.saturating_sub(1)).chain(['…']).collect()
}

/// Draws a line with its point, for a key.
pub fn sample(colour: usize) -> String {
    let mut svg = r#"<svg class="sample" viewBox="0 0 30 12" aria-hidden="true">"#.to_owned();
    line(&mut svg, &format!("line s{colour}"), (0.0, 6.0), (30.0, 6.0));
    dot(&mut svg, colour, (15.0, 6.0));
    svg + "</svg>"
}

/// Escapes a text for HTML.
pub fn escape(text: &str) -> String {
    maud::html! { (text) }.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut() {
        assert_eq!(cut("multiply", 100.0), "multiply");
        assert_eq!(cut("multiply-with-everything", 80.0), "multiply-…");
    }
}
