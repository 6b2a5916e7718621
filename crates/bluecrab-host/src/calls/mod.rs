//! The last invocations of the host, which the page shows.

mod payload;
mod record;
mod recording;
mod ring;
mod tap;

pub use payload::Payload;
pub use record::Cause;
pub use recording::Recording;
pub use ring::Calls;
