//! Plots as SVG. Colours, dashes and fonts are classes of the page's style.

mod bars;
mod lines;
mod marks;

pub use bars::{Bar, Part, Stack, bars, stacks};
pub use lines::{Axis, Series, lines};
pub use marks::sample;
