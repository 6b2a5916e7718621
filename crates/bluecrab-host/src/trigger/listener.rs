//! What the listeners of timers, queues and blobs share.

use super::invoker::Invoker;
use crate::app::App;
use crate::console;
use crate::worker::Function;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What a listener needs.
pub struct ListenerContext {
    pub invoker: Invoker,
    pub function: Arc<Function>,
    pub app: Arc<App>,
    /// Cancelled when the listener must start nothing new.
    pub stop: CancellationToken,
}

/// Prints that a function is not fired, and why.
pub fn not_fired(function: &Function, reason: &str) {
    console::error(&format!("function {} is not fired: {reason}", function.name));
}
