//! Converts decimal digits to doubles and back, both exactly. [`crate::parse_pair`] and [`crate::print()`] spend most
//! of their time here.

mod digits;
mod nearest;
mod powers;
mod quick;
mod shortest;
mod sixteen;
mod text;
#[cfg(target_arch = "wasm32")]
mod together;
mod wide;
mod write;

pub use digits::{Eight, Four, small_power};
pub use nearest::{nearest, nearest_fraction};
pub use sixteen::Sixteen;
#[cfg(target_arch = "wasm32")]
pub use together::quick_together;
pub use write::{BATCH, Decimal, Decimals, WINDOW, write_number};
