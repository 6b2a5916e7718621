//! Locks of the standard library.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex, even if a task has panicked while it held the lock: the other tasks keep serving.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
