//! Plots as SVG. Colours, dashes and fonts are classes of the page's style.

mod bars;
mod lines;
mod marks;

pub use bars::{Bar, Part, Stack, bars, stacks};
pub use lines::{Axis, Series, lines};
pub use marks::sample;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_end_its_element() {
        let bar = Bar { colour: 0, share: 0.5, name: "<i>".to_owned(), text: "<b>".to_owned() };
        let svg = bars("a \"b\"", "d < e", &[("x & y".to_owned(), vec![bar])]);
        for text in ["x &amp; y", "&lt;b&gt;", "&lt;i&gt;", "a &quot;b&quot;", "d &lt; e"] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
    }
}
