//! Bars: one beside its name and its value, or cut into parts.

use super::{LETTER, WIDTH, cut, label, open};
use std::fmt::Write;

const ROW: f64 = 20.0;
const NAMES: f64 = 118.0;
const LONGEST: f64 = 210.0;
const GAP: f64 = 6.0;

/// A bar with what it stands for.
pub struct Bar {
    pub colour: usize,
    /// Its length, as a share of the longest possible.
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

/// A part of it.
pub struct Part {
    /// The place of its name in the key.
    pub colour: usize,
    /// Its share of the bar.
    pub share: f64,
    pub name: String,
}

/// Bars under headings.
pub fn bars(title: &str, description: &str, groups: &[(String, Vec<Bar>)]) -> String {
    rows(title, description, groups, |svg, y, bar| {
        let width = (bar.share * LONGEST).max(1.0);
        let shape = format!(r#"x="{NAMES}" y="{:.1}" width="{width:.1}" height="14" rx="2""#, y + 2.0);
        let _ = write!(svg, r#"<rect class="bar s{}" {shape}/>"#, bar.colour);
        label(svg, "start", (NAMES + width + GAP, y + 13.5), &bar.text);
        bar.name.as_str()
    })
}

/// Bars of parts under headings; each has the whole length.
pub fn stacks(title: &str, description: &str, groups: &[(String, Vec<Stack>)]) -> String {
    rows(title, description, groups, |svg, y, stack| {
        let mut x = NAMES;
        for part in &stack.parts {
            let width = part.share * LONGEST;
            let shape = format!(r#"x="{x:.1}" y="{:.1}" width="{width:.1}" height="14""#, y + 2.0);
            let name = super::escape(&part.name);
            let _ = write!(svg, r#"<rect class="part t{}" {shape}><title>{name}</title></rect>"#, part.colour);
            if width > part.name.chars().count() as f64 * LETTER + 4.0 {
                let middle = x + width / 2.0;
                let _ = write!(
                    svg,
                    r#"<text class="in" text-anchor="middle" x="{middle:.1}" y="{}">{name}</text>"#,
                    y + 13.0
                );
            }
            x += width;
        }
        label(svg, "start", (NAMES + LONGEST + GAP, y + 13.5), &stack.text);
        stack.name.as_str()
    })
}

/// `draw` draws a row at a height and gives its name.
fn rows<'a, T>(
    title: &str,
    description: &str,
    groups: &'a [(String, Vec<T>)],
    draw: impl Fn(&mut String, f64, &'a T) -> &'a str,
) -> String {
    let headings = groups.iter().filter(|(heading, _)| !heading.is_empty()).count();
    let rows = groups.iter().map(|(_, bars)| bars.len()).sum::<usize>() + headings;
    let mut svg = open(title, description, rows as f64 * ROW + groups.len() as f64 * GAP);
    let mut y = 0.0;
    for (heading, bars) in groups {
        if !heading.is_empty() {
            let heading = super::escape(&cut(heading, WIDTH));
            let _ = write!(svg, r#"<text class="group" x="0" y="{:.1}">{heading}</text>"#, y + 15.0);
            y += ROW;
        }
        for bar in bars {
            let name = draw(&mut svg, y, bar);
            label(&mut svg, "end", (NAMES - GAP, y + 13.5), &cut(name, NAMES - GAP));
            y += ROW;
        }
        y += GAP;
    }
    svg + "</svg>"
}
