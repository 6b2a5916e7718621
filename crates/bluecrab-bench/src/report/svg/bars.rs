//! Bars with their names and values, whole or in parts.

use super::marks::{LETTER, WIDTH, cut, escape, label, open};
use std::fmt::Write;

const ROW: f64 = 20.0;
/// The space between a bar and its name or its text.
const GAP: f64 = 6.0;

/// Where the bars begin and end. Names are to their left, texts to their right.
struct Columns {
    left: f64,
    right: f64,
}

impl Columns {
    /// Leaves the room that names and texts need, within limits.
    fn new<'a>(names: impl Iterator<Item = &'a String>, texts: impl Iterator<Item = &'a String>) -> Self {
        let left = (widest(names) + GAP + 1.0).clamp(60.0, 0.45 * WIDTH);
        Self { left, right: WIDTH - (widest(texts) + GAP).min(0.25 * WIDTH) }
    }

    /// Returns the x coordinate of a share of the longest possible bar.
    fn at(&self, share: f64) -> f64 {
        self.left + share * (self.right - self.left)
    }
}

fn widest<'a>(texts: impl Iterator<Item = &'a String>) -> f64 {
    texts.map(|text| text.chars().count() as f64 * LETTER).fold(0.0, f64::max)
}

/// A bar with its name and value.
pub struct Bar {
    pub colour: usize,
    /// The bar's length, as a share of the longest possible bar.
    pub share: f64,
    pub name: String,
    pub text: String,
}

/// A bar of parts.
pub struct Stack {
    pub name: String,
    pub parts: Vec<Part>,
    pub text: String,
}

/// A part of such a bar.
pub struct Part {
    /// The index of the part's name in the key, which selects the colour.
    pub colour: usize,
    /// The part's share of the bar.
    pub share: f64,
    pub name: String,
}

/// Draws bars under headings.
pub fn bars(title: &str, description: &str, groups: &[(String, Vec<Bar>)]) -> String {
    let named = |bar: &Bar| (bar.name.clone(), bar.text.clone());
    rows(title, description, groups, named, |svg, columns, y, bar| {
        let (left, end) = (columns.left, columns.at(bar.share).max(columns.left + 1.0));
        let shape = format!(r#"x="{left:.1}" y="{:.1}" width="{:.1}" height="14" rx="2""#, y + 2.0, end - left);
        let _ = write!(svg, r#"<rect class="bar s{}" {shape}/>"#, bar.colour);
        end
    })
}

/// Draws bars of parts under headings. All bars have the same length.
pub fn stacks(title: &str, description: &str, groups: &[(String, Vec<Stack>)]) -> String {
    let named = |stack: &Stack| (stack.name.clone(), stack.text.clone());
    rows(title, description, groups, named, |svg, columns, y, stack| {
        let mut from = 0.0;
        for part in &stack.parts {
            let (x, end) = (columns.at(from), columns.at(from + part.share));
            let shape = format!(r#"x="{x:.1}" y="{:.1}" width="{:.1}" height="14""#, y + 2.0, end - x);
            let name = escape(&part.name);
            let _ = write!(svg, r#"<rect class="part t{}" {shape}><title>{name}</title></rect>"#, part.colour);
            if end - x > part.name.chars().count() as f64 * LETTER + 4.0 {
                let place = format!(r#"x="{:.1}" y="{:.1}""#, (x + end) / 2.0, y + 13.0);
                let _ = write!(svg, r#"<text class="in" text-anchor="middle" {place}>{name}</text>"#);
            }
            from += part.share;
        }
        columns.right
    })
}

/// `named` returns the name before a bar and the text after it; `draw` draws the bar and returns where it ends.
fn rows<T>(
    title: &str,
    description: &str,
    groups: &[(String, Vec<T>)],
    named: impl Fn(&T) -> (String, String),
    draw: impl Fn(&mut String, &Columns, f64, &T) -> f64,
) -> String {
    let (names, texts): (Vec<String>, Vec<String>) = groups.iter().flat_map(|(_, rows)| rows).map(&named).unzip();
    let columns = Columns::new(names.iter(), texts.iter());
    let headings = groups.iter().filter(|(heading, _)| !heading.is_empty()).count();
    let mut svg = open(title, description, (names.len() + headings) as f64 * ROW + groups.len() as f64 * GAP);
    let mut y = 0.0;
    for (heading, rows) in groups {
        if !heading.is_empty() {
            let heading = escape(&cut(heading, WIDTH));
            let _ = write!(svg, r#"<text class="group" x="0" y="{:.1}">{heading}</text>"#, y + 15.0);
            y += ROW;
        }
        for row in rows {
            let end = draw(&mut svg, &columns, y, row);
            let (name, text) = named(row);
            let room = columns.left - GAP;
            label(&mut svg, "end", (room, y + 13.5), &cut(&name, room));
            label(&mut svg, "start", (end + GAP, y + 13.5), &text);
            y += ROW;
        }
        y += GAP;
    }
    svg + "</svg>"
}
