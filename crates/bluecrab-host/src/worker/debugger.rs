//! Whether a debugger may hold a worker, whose silence then means nothing.

use std::sync::atomic::{AtomicBool, Ordering};

/// What Node.js has said about debuggers on standard error.
///
/// It says so however the debugger was asked for: by an argument, by `NODE_OPTIONS`, by a signal or by the app. It does not
/// say when a debugger leaves.
#[derive(Default)]
pub struct Debugger {
    listens: AtomicBool,
    attached: AtomicBool,
}

impl Debugger {
    /// Takes note of a line that the process has printed on standard error.
    pub fn read(&self, line: &str) {
        if line.starts_with("Debugger listening on ") {
            self.listens.store(true, Ordering::Relaxed);
        } else if line.starts_with("Debugger attached") {
            self.attached.store(true, Ordering::Relaxed);
        }
    }

    /// Whether one can attach: with `--inspect-brk` the process waits until one does.
    pub fn listens(&self) -> bool {
        self.listens.load(Ordering::Relaxed)
    }

    /// Whether one has attached, which may stop the event loop at a breakpoint.
    pub fn is_attached(&self) -> bool {
        self.attached.load(Ordering::Relaxed)
    }
}
