//! Lines over two axes.

use super::marks::{LETTER, WIDTH, dot, escape, label, line, open};
use std::fmt::Write;

const HEIGHT: f64 = 290.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 408.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 250.0;

/// An axis from one value to another.
pub struct Axis {
    label: &'static str,
    low: f64,
    high: f64,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Makes a linear axis from 0.
    pub fn new(label: &'static str, high: f64, ticks: Vec<(f64, String)>) -> Self {
        Self { label, low: 0.0, high, ticks }
    }

    /// An axis of logarithms, wide enough for these values. With few decades, each has more ticks.
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

    /// An axis of logarithms with a tick at each of these values whose text has room.
    pub fn at(label: &'static str, values: &[f64]) -> Self {
        let mut axis = Self::logarithmic(label, values.iter().copied());
        let width = |text: &str| text.chars().count() as f64 * LETTER + 4.0;
        let mut free = f64::NEG_INFINITY;
        let mut ticks = Vec::new();
        for value in values {
            let (place, text) = (axis.place(value.log10(), LEFT, RIGHT), plain(*value));
            if place - width(&text) / 2.0 >= free {
                free = place + width(&text) / 2.0;
                ticks.push((value.log10(), text));
            }
        }
        axis.ticks = ticks;
        axis
    }

    fn place(&self, value: f64, from: f64, to: f64) -> f64 {
        from + (value - self.low) / (self.high - self.low) * (to - from)
    }
}

/// A number without trailing zeros.
fn plain(value: f64) -> String {
    format!("{value:.4}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Points joined by lines. The points of an axis of logarithms are logarithms.
pub struct Series {
    pub colour: usize,
    pub points: Vec<(f64, f64)>,
    pub dots: bool,
}

/// Draws lines. `marks` are dashed vertical lines with a text.
pub fn lines(
    (title, description): (&str, &str),
    x: &Axis,
    y: &Axis,
    series: &[Series],
    marks: &[(f64, String)],
) -> String {
    let mut svg = open(title, description, HEIGHT);
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
    label(&mut svg, "end", (RIGHT, BOTTOM + 33.0), x.label);
    label(&mut svg, "start", (0.0, 11.0), y.label);
    for one in series {
        let place = |&(a, b): &(f64, f64)| (x.place(a, LEFT, RIGHT), y.place(b, BOTTOM, TOP));
        let points: Vec<(f64, f64)> = one.points.iter().map(place).collect();
        let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = write!(svg, r#"<polyline class="line s{}" points="{}"/>"#, one.colour, path.join(" "));
        points.iter().filter(|_| one.dots).for_each(|point| dot(&mut svg, one.colour, *point));
    }
    for (row, (at, text)) in marks.iter().enumerate() {
        let at = x.place(*at, LEFT, RIGHT);
        line(&mut svg, "mark", (at, TOP), (at, BOTTOM));
        let (anchor, x) = if at > WIDTH / 2.0 { ("end", at - 5.0) } else { ("start", at + 5.0) };
        let (y, text) = (TOP + 14.0 + 15.0 * row as f64, escape(text));
        let _ = write!(svg, r#"<text class="halo" text-anchor="{anchor}" x="{x:.1}" y="{y:.1}">{text}</text>"#);
    }
    svg + "</svg>"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn an_axis_of_logarithms_spans_its_values() {
        let axis = Axis::logarithmic("ms", [0.6, 250.0].into_iter());
        assert_eq!(texts(&axis), ["1", "10", "100"]);
        assert!(axis.place(0.6_f64.log10(), 0.0, 100.0) > 0.0 && axis.place(250_f64.log10(), 0.0, 100.0) < 100.0);
        assert_eq!(texts(&Axis::logarithmic("ms", [0.9, 2.1].into_iter())), ["1", "1.5", "2"]);
    }

    #[test]
    fn ticks_keep_room_for_their_texts() {
        assert_eq!(texts(&Axis::at("size", &[1.0, 2.0, 1000.0, 1010.0])), ["1", "2", "1000"]);
    }
}
