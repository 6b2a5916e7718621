//! Decimal digits to doubles and back, both exact: what [`crate::parse_pair`] and [`crate::print()`] spend their time in.

mod digits;
mod nearest;
mod powers;
mod quick;
mod shortest;
mod sixteen;
mod text;
mod wide;
mod write;

pub use digits::{Eight, Four, small_power};
pub use nearest::{nearest, nearest_fraction};
pub use sixteen::Sixteen;
pub use write::{Decimal, WINDOW, write_number};
