//! Detects whether a debugger may have paused a worker. Such a worker does not answer, but has not failed.

use std::sync::atomic::{AtomicBool, Ordering};

/// What Node.js has reported about debuggers on standard error.
///
/// Node.js prints these lines no matter how the debugger was enabled: by an argument, `NODE_OPTIONS`, a signal or the
/// app. It does not report that a debugger has detached.
#[derive(Default)]
pub struct Debugger {
    listens: AtomicBool,
    attached: AtomicBool,
}

impl Debugger {
    /// Reads a line from the worker's standard error.
    pub fn read(&self, line: &str) {
        if line.starts_with("Debugger listening on ") {
            self.listens.store(true, Ordering::Relaxed);
        } else if line.starts_with("Debugger attached") {
            self.attached.store(true, Ordering::Relaxed);
        }
    }

    /// Returns whether a debugger can attach. With `--inspect-brk`, Node.js waits until one does.
    pub fn listens(&self) -> bool {
        self.listens.load(Ordering::Relaxed)
    }

    /// Returns whether a debugger has attached; it may have stopped the event loop at a breakpoint.
    pub fn is_attached(&self) -> bool {
        self.attached.load(Ordering::Relaxed)
    }
}
