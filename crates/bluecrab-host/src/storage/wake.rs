//! Wakes the listeners of this host when the host itself writes a message or a blob, so that they do not wait for
//! their next poll (azure-sdk-for-net, `SharedQueueWatcher` and `BlobWrittenWatcher`).

use crate::sync::lock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// One signal for each queue and container that a listener watches.
#[derive(Default)]
pub struct WakeUps(Mutex<HashMap<String, Arc<Notify>>>);

impl WakeUps {
    /// Returns the signal for a queue or a container. `name` includes the service: `queue/jobs`.
    pub fn of(&self, name: &str) -> Arc<Notify> {
        let mut signals = lock(&self.0);
        Arc::clone(signals.entry(name.to_owned()).or_default())
    }

    /// Wakes the listener of a queue or a container, now or when it waits the next time.
    pub fn wake(&self, name: &str) {
        let signals = lock(&self.0);
        if let Some(signal) = signals.get(name) {
            signal.notify_one();
        }
    }
}
