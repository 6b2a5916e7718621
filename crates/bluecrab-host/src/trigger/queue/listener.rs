//! Receives the messages of a queue and passes each to a handler (azure-sdk-for-net, `QueueListener.cs` and
//! `QueueProcessor.cs`).

use crate::app::{QueueSettings, SHORTEST_PAUSE};
use crate::console;
use crate::storage::{Message, Queue, StorageError};
use crate::trigger::retry::backoff;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long a received message is invisible to other receivers. It is renewed after half of this time.
const LEASE: Duration = Duration::from_secs(10 * 60);
/// The pause before a failed renewal is tried again.
const RENEWAL_RETRY: Duration = Duration::from_secs(60);

/// What happened to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was processed, and is deleted.
    Done,
    /// Its function failed. It is tried again, or moves to the poison queue after the last try.
    Failed,
    /// It was not processed to its end, but not because of its contents. It is tried again at once.
    Stopped,
    /// It can never be processed, and moves to the poison queue.
    Unreadable,
}

/// Processes the messages of a queue.
pub trait Handler: Send + Sync + 'static {
    /// Processes a message, and says what happens to it next.
    fn handle(&self, message: &Message) -> impl Future<Output = Outcome> + Send;

    /// Returns the queue for a message that failed too often. Without one, the message stays where it is.
    fn poison(&self, message: &Message) -> Option<Queue>;
}

/// The listener of one queue.
pub struct Listener<H> {
    queue: Queue,
    settings: QueueSettings,
    handler: H,
}

impl<H: Handler> Listener<H> {
    /// Makes a listener.
    pub fn new(queue: Queue, settings: QueueSettings, handler: H) -> Self {
        Self { queue, settings, handler }
    }

    /// Receives messages until `stop` is cancelled, and then waits for those that are being processed.
    pub async fn listen(self, stop: CancellationToken) {
        let woken = self.queue.woken();
        let listener = Arc::new(self);
        let (mut running, mut outage, mut empty_looks) = (JoinSet::new(), Outage::default(), 0);
        while !stop.is_cancelled() {
            while running.try_join_next().is_some() {}
            if running.len() > listener.settings.threshold {
                tokio::select! {
                    _ = running.join_next() => {}
                    () = stop.cancelled() => {}
                }
                continue;
            }
            // Do not abandon a request: the messages of its answer would be invisible until their lease ends.
            match listener.queue.receive(listener.settings.batch, LEASE).await {
                Ok(messages) if !messages.is_empty() => {
                    outage.end();
                    empty_looks = 0;
                    for message in messages {
                        let (listener, stop) = (Arc::clone(&listener), stop.clone());
                        running.spawn(async move { listener.process(message, &stop).await });
                    }
                    continue;
                }
                Ok(_) => outage.end(),
                Err(error) if error.is_missing() => outage.end(),
                Err(error) => outage.begin(&error),
            }
            tokio::select! {
                () = tokio::time::sleep(backoff(SHORTEST_PAUSE, listener.settings.longest_pause, empty_looks)) => {
                    empty_looks = empty_looks.saturating_add(1);
                }
                () = woken.notified() => {}
                () = stop.cancelled() => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn process(&self, mut message: Message, stop: &CancellationToken) {
        let outcome = if stop.is_cancelled() {
            Outcome::Stopped
        } else if message.dequeue_count > self.settings.tries {
            // A host or worker died during the last try.
            Outcome::Failed
        } else {
            self.handle(&mut message).await
        };
        let is_last = message.dequeue_count >= self.settings.tries;
        let settled = match outcome {
            Outcome::Done => self.queue.delete(&message).await,
            Outcome::Stopped => self.queue.release(&message, Duration::ZERO).await,
            Outcome::Unreadable => self.poison(&message).await,
            Outcome::Failed if is_last => self.poison(&message).await,
            Outcome::Failed => self.queue.release(&message, self.settings.pause_after_failure).await,
        };
        if let Err(error) = settled {
            console::error(&format!(
                "message {} of queue {} will be processed again when its lease ends, within {} min: {error}",
                message.id,
                self.queue.name(),
                LEASE.as_secs() / 60
            ));
        }
    }

    /// Processes a message while it keeps the lease. Updates the message's pop receipt.
    async fn handle(&self, message: &mut Message) -> Outcome {
        let received = message.clone();
        let lease = MessageLease { queue: &self.queue, message };
        keep_leased(self.handler.handle(&received), lease).await
    }

    async fn poison(&self, message: &Message) -> Result<(), StorageError> {
        let Some(poison) = self.handler.poison(message) else {
            console::warn(&format!(
                "message {} of queue {} has failed, and no poison queue can have this queue's name and -poison: it is \
                 tried again when its lease ends",
                message.id,
                self.queue.name()
            ));
            return Ok(());
        };
        poison.put(&message.text).await?;
        console::warn(&format!(
            "message {} of queue {} was moved to queue {}",
            message.id,
            self.queue.name(),
            poison.name()
        ));
        self.queue.delete(message).await
    }
}

/// What is renewed while some work runs.
trait Lease: Send {
    /// Renews the lease. Returns the pause before the next time.
    fn renew(&mut self) -> impl Future<Output = Duration> + Send;
}

/// The lease of a message, whose pop receipt changes each time.
struct MessageLease<'a> {
    queue: &'a Queue,
    message: &'a mut Message,
}

impl Lease for MessageLease<'_> {
    async fn renew(&mut self) -> Duration {
        match self.queue.renew(self.message, LEASE).await {
            Ok(pop_receipt) => {
                self.message.pop_receipt = pop_receipt;
                LEASE / 2
            }
            // Another receiver has it, or somebody has deleted it.
            Err(error) if error.is_lost() => Duration::MAX,
            Err(_) => RENEWAL_RETRY,
        }
    }
}

/// Waits for the end of some work, and renews a lease from time to time.
async fn keep_leased<T>(work: impl Future<Output = T>, mut lease: impl Lease) -> T {
    let mut work = std::pin::pin!(work);
    let mut pause = LEASE / 2;
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep(pause) => {}
        }
        pause = lease.renew().await;
    }
}

/// Prints once that the storage cannot be used, and once that it can be used again.
#[derive(Default)]
pub struct Outage {
    printed: Option<String>,
}

impl Outage {
    /// Notes that the storage could not be used.
    pub fn begin(&mut self, error: &StorageError) {
        let sentence = error.to_string();
        if self.printed.as_ref() != Some(&sentence) {
            console::error(&format!("{sentence}; the host keeps trying"));
            self.printed = Some(sentence);
        }
    }

    /// Notes that the storage could be used.
    pub fn end(&mut self) {
        if self.printed.take().is_some() {
            console::note("the storage can be used again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{Instant, sleep};

    /// Notes how many minutes pass before each renewal.
    struct Noted<'a> {
        start: Instant,
        minutes: &'a mut Vec<u64>,
        pauses: std::vec::IntoIter<Duration>,
    }

    impl Lease for Noted<'_> {
        async fn renew(&mut self) -> Duration {
            self.minutes.push(self.start.elapsed().as_secs() / 60);
            self.pauses.next().unwrap()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_is_renewed_as_long_as_the_work_takes() {
        let minute = Duration::from_secs(60);
        for (work, pauses, expected) in [
            (4 * minute, vec![], vec![]),
            (26 * minute, vec![LEASE / 2; 5], vec![5, 10, 15, 20, 25]),
            // A failed renewal is soon tried again. After the message is lost, no renewal follows.
            (26 * minute, vec![RENEWAL_RETRY, RENEWAL_RETRY, LEASE / 2, Duration::MAX], vec![5, 6, 7, 12]),
        ] {
            let (start, mut minutes) = (Instant::now(), Vec::new());
            keep_leased(sleep(work), Noted { start, minutes: &mut minutes, pauses: pauses.into_iter() }).await;
            assert_eq!((minutes, start.elapsed().as_secs()), (expected, work.as_secs()));
        }
    }
}
