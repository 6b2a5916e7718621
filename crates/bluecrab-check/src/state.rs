//! What the imports of an instance share.

use std::time::{Duration, Instant};
use wasmi::StoreLimits;

/// The message of a trap in an import.
pub(crate) const OUTSIDE: &str = "an import received a pointer outside of the memory";

/// The state that the imports of an instance share.
pub(crate) struct State {
    pub(crate) limits: StoreLimits,
    pub(crate) started: Instant,
    /// The deadline of one call.
    pub(crate) limit: Duration,
    /// The last log entry.
    pub(crate) logged: String,
}
