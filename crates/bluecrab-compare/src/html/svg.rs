//! Plots as SVG: lines over two axes, and bars. Colours are classes of the page's style.

use std::fmt::Write;

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 54.0;
const RIGHT: f64 = 466.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 276.0;

/// An axis from one value to another.
pub struct Axis {
    label: &'static str,
    low: f64,
    high: f64,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis on which the values stand as they are.
    pub fn new(label: &'static str, high: f64, ticks: Vec<(f64, String)>) -> Self {
        Self { label, low: 0.0, high, ticks }
    }

    /// An axis of logarithms, wide enough for these values; the fewer
    /// decades there are, the more ticks has each.
    pub fn logarithmic(label: &'static str, values: impl Iterator<Item = f64> + Clone) -> Self {
        let low = values.clone().fold(f64::INFINITY, f64::min).log10() - 0.08;
        let high = values.fold(f64::NEG_INFINITY, f64::max).log10() + 0.08;
        let (low, high) = if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 1.0) };
        let steps: &[f64] = match high - low {
            2.5.. => &[1.0],
            1.0.. => &[1.0, 2.0, 5.0],
            _ => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0],
        };
        let decades = low.floor() as i32..=high.ceil() as i32;
        let values = decades.flat_map(|decade| steps.iter().map(move |step| step * 10_f64.powi(decade)));
        let ticks = values.map(|value| (value.log10(), plain(value))).filter(|(at, _)| (low..=high).contains(at));
        Self { label, low, high, ticks: ticks.collect() }
    }

    fn place(&self, value: f64, from: f64, to: f64) -> f64 {
        from + (value - self.low) / (self.high - self.low) * (to - from)
    }
}

/// A number without superfluous digits.
fn plain(value: f64) -> String {
    format!("{value:.4}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Points joined by lines. The points of an axis of logarithms are logarithms.
pub struct Series {
    pub colour: usize,
    pub points: Vec<(f64, f64)>,
    pub dots: bool,
}

/// A plot of lines; `marks` are vertical lines with a word.
pub fn lines(title: &str, x: &Axis, y: &Axis, series: &[Series], marks: &[(f64, String)]) -> String {
    let mut svg = open(title, HEIGHT);
    for (at, text) in &x.ticks {
        let at = x.place(*at, LEFT, RIGHT);
        line(&mut svg, "grid", (at, TOP), (at, BOTTOM));
        label(&mut svg, "middle", (at, BOTTOM + 16.0), text);
    }
    for (at, text) in &y.ticks {
        let at = y.place(*at, BOTTOM, TOP);
        line(&mut svg, "grid", (LEFT, at), (RIGHT, at));
        label(&mut svg, "end", (LEFT - 6.0, at + 4.0), text);
    }
    label(&mut svg, "end", (RIGHT, BOTTOM + 36.0), x.label);
    label(&mut svg, "start", (0.0, 11.0), y.label);
    for one in series {
        let place = |&(a, b): &(f64, f64)| (x.place(a, LEFT, RIGHT), y.place(b, BOTTOM, TOP));
        let points: Vec<(f64, f64)> = one.points.iter().map(place).collect();
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        // Writing to a String does not fail, here and below.
        let _ = write!(svg, r#"<polyline class="line s{}" points="{}"/>"#, one.colour, path.join(" "));
        for (x, y) in points.iter().filter(|_| one.dots) {
            let _ = write!(svg, r#"<circle class="dot s{}" cx="{x:.1}" cy="{y:.1}" r="3.5"/>"#, one.colour);
        }
    }
    for (row, (at, text)) in marks.iter().enumerate() {
        let at = x.place(*at, LEFT, RIGHT);
        line(&mut svg, "mark", (at, TOP), (at, BOTTOM));
        let side = if at > WIDTH / 2.0 { ("end", at - 5.0) } else { ("start", at + 5.0) };
        label(&mut svg, side.0, (side.1, TOP + 14.0 + 15.0 * row as f64), text);
    }
    svg + "</svg>"
}

/// A bar with what it stands for.
pub struct Bar {
    pub colour: usize,
    /// Its length, as a share of the longest possible.
    pub share: f64,
    pub text: String,
}

/// Bars under headings.
pub fn bars(title: &str, groups: &[(String, Vec<Bar>)]) -> String {
    const ROW: f64 = 20.0;
    const LONGEST: f64 = 330.0;
    let rows: usize = groups.iter().map(|(_, bars)| bars.len() + 1).sum();
    let mut svg = open(title, rows as f64 * ROW + groups.len() as f64 * 6.0);
    let mut y = 0.0;
    for (heading, bars) in groups {
        label(&mut svg, "start", (0.0, y + 15.0), heading);
        y += ROW;
        for bar in bars {
            let width = (bar.share * LONGEST).max(1.0);
            let shape = format!(r#"x="0" y="{:.1}" width="{width:.1}" height="15" rx="2""#, y + 2.0);
            let _ = write!(svg, r#"<rect class="bar s{}" {shape}/>"#, bar.colour);
            label(&mut svg, "start", (width + 6.0, y + 14.0), &bar.text);
            y += ROW;
        }
        y += 6.0;
    }
    svg + "</svg>"
}

fn open(title: &str, height: f64) -> String {
    let title = escape(title);
    format!(r#"<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}"><title>{title}</title>"#)
}

fn line(svg: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let ends = format!(r#"x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}""#, from.0, from.1, to.0, to.1);
    let _ = write!(svg, r#"<line class="{class}" {ends}/>"#);
}

fn label(svg: &mut String, anchor: &str, at: (f64, f64), text: &str) {
    let text = escape(text);
    let _ = write!(svg, r#"<text text-anchor="{anchor}" x="{:.1}" y="{:.1}">{text}</text>"#, at.0, at.1);
}

/// Text as HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_of_logarithms_spans_its_values() {
        let axis = Axis::logarithmic("ms", [0.6, 250.0].into_iter());
        let ticks: Vec<&str> = axis.ticks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(ticks, ["1", "10", "100"]);
        assert!(axis.place(0.6_f64.log10(), 0.0, 100.0) > 0.0 && axis.place(250_f64.log10(), 0.0, 100.0) < 100.0);
        let narrow = Axis::logarithmic("ms", [0.9, 2.1].into_iter());
        assert_eq!(narrow.ticks.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["1", "1.5", "2"]);
    }

    #[test]
    fn text_cannot_end_its_element() {
        let bar = Bar { colour: 0, share: 0.5, text: "<b>".to_owned() };
        let svg = bars("a \"b\"", &[("x & y".to_owned(), vec![bar])]);
        assert!(svg.contains("x &amp; y") && svg.contains("&lt;b&gt;") && svg.contains("a &quot;b&quot;"), "{svg}");
    }
}
