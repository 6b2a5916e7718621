//! The last invocations of the host, in a ring.

use super::payload::Payload;
use super::record::{Cause, Head, Outcome, Record, Times};
use crate::sync::lock;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// How many invocations are kept. Older ones are dropped.
pub const KEPT: usize = 100;

/// The last invocations. Clones share them.
#[derive(Clone)]
pub struct Calls(Option<Arc<Shared>>);

#[derive(Default)]
struct Shared {
    ring: Mutex<Ring>,
    /// How many pages are open. Payloads and logs are kept only for them.
    pages: AtomicUsize,
}

#[derive(Default)]
struct Ring {
    records: VecDeque<Record>,
    /// The number of the next invocation.
    next: u64,
    /// Grows with each change.
    changes: u64,
}

impl Ring {
    /// Changes the record of an invocation, unless it has been dropped.
    fn change(&mut self, number: u64, change: impl FnOnce(&mut Record)) {
        let first = self.next - self.records.len() as u64;
        let index = number.checked_sub(first).and_then(|index| usize::try_from(index).ok());
        let Some(record) = index.and_then(|index| self.records.get_mut(index)) else { return };
        self.changes += 1;
        change(record);
        record.head.changed = self.changes;
    }

    fn find(&self, id: &str) -> Option<&Record> {
        // Look from the end, because most calls ask for one of the newest invocations.
        self.records.iter().rev().find(|record| record.head.id == id)
    }
}

impl Calls {
    /// Makes a ring. Without a page nothing is ever kept.
    pub fn new(has_page: bool) -> Self {
        Self(has_page.then(Arc::default))
    }

    /// Adds an invocation that begins now, and drops the oldest if there are too many. Returns its number, or `None` if
    /// the host has no page. `request` is called only while a page is open.
    pub(super) fn add(
        &self,
        function: &Arc<str>,
        id: &str,
        cause: Cause,
        request: impl FnOnce() -> Payload,
    ) -> Option<u64> {
        let shared = self.0.as_ref()?;
        let request = shared.is_watched().then(request);
        let head = Head {
            number: 0,
            changed: 0,
            id: id.to_owned(),
            function: Arc::clone(function),
            cause,
            began: Timestamp::now(),
            outcome: Outcome::Running,
            times: Times::default(),
            server_timing: None,
            memory: None,
            lines: 0,
        };
        let mut record = Record::new(head, request);
        let mut ring = lock(&shared.ring);
        ring.changes += 1;
        (record.head.number, record.head.changed) = (ring.next, ring.changes);
        ring.next += 1;
        if ring.records.len() == KEPT {
            ring.records.pop_front();
        }
        ring.records.push_back(record);
        Some(ring.next - 1)
    }

    /// Adds a line of a function's log to its invocation, while a page is open.
    pub fn log(&self, id: &str, line: impl FnOnce() -> (String, String)) {
        if self.is_watched() {
            let (level, text) = line();
            self.note(id, &level, &text);
        }
    }

    /// Adds to an invocation why it failed.
    pub fn note(&self, id: &str, level: &str, text: &str) {
        let Some(shared) = &self.0 else { return };
        let mut ring = lock(&shared.ring);
        if let Some(number) = ring.find(id).map(|record| record.head.number) {
            ring.change(number, |record| record.log(level, text));
        }
    }

    /// Counts a page as open until the returned value is dropped.
    pub fn open(&self) -> Open {
        if let Some(shared) = &self.0 {
            shared.pages.fetch_add(1, Ordering::Relaxed);
        }
        Open(self.clone())
    }

    /// Returns the number of the last change.
    pub fn changes(&self) -> u64 {
        self.0.as_ref().map(|shared| lock(&shared.ring).changes).unwrap_or_default()
    }

    /// Returns the invocations that have changed since a change, the oldest first, and the number of the last change.
    /// Invocations that have ended since then get `memory` as the memory of the worker.
    pub fn since(&self, change: u64, memory: Option<u64>) -> (Vec<Head>, u64) {
        let Some(shared) = &self.0 else { return (Vec::new(), change) };
        let mut ring = lock(&shared.ring);
        let last = ring.changes;
        let changed = ring.records.iter_mut().filter(|record| record.head.changed > change);
        let heads = changed.map(|record| {
            if record.head.outcome != Outcome::Running && record.head.memory.is_none() {
                record.head.memory = memory;
            }
            record.head.clone()
        });
        (heads.collect(), last)
    }

    /// Returns everything that is kept about an invocation.
    pub fn details(&self, id: &str) -> Option<Value> {
        lock(&self.0.as_ref()?.ring).find(id).map(Record::details)
    }

    pub(super) fn change(&self, number: u64, change: impl FnOnce(&mut Record)) {
        if let Some(shared) = &self.0 {
            lock(&shared.ring).change(number, change);
        }
    }

    /// Returns whether a page is open.
    pub(super) fn is_watched(&self) -> bool {
        self.0.as_ref().is_some_and(|shared| shared.is_watched())
    }
}

impl Shared {
    fn is_watched(&self) -> bool {
        self.pages.load(Ordering::Relaxed) > 0
    }
}

/// An open page.
pub struct Open(Calls);

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(shared) = &self.0.0 {
            shared.pages.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::Recording;
    use bluecrab_rpc::TypedData;
    use std::time::Instant;

    fn begin(calls: &Calls, id: &str) -> Recording {
        let cause = Cause::Fired { reason: "test".to_owned() };
        Recording::begin(calls, &"f".into(), id, cause, Instant::now(), || {
            Payload::returned(&TypedData::string("in")).unwrap_or_default()
        })
    }

    #[test]
    fn the_ring_keeps_the_newest_invocations() {
        let calls = Calls::new(true);
        let first = begin(&calls, "first");
        for number in 0..KEPT {
            begin(&calls, &number.to_string()).finished(true, || None);
        }
        // The record of the first invocation has been dropped. Its end must not change another record.
        first.finished(false, || None);
        let (heads, last) = calls.since(0, Some(7));
        assert_eq!((heads.len(), heads[0].id.as_str()), (KEPT, "0"));
        assert!(heads.iter().all(|head| head.outcome == Outcome::Succeeded && head.memory == Some(7)));
        assert!(calls.details("first").is_none() && calls.since(last, None).0.is_empty());
        calls.note("5", "error", "why");
        let (heads, _) = calls.since(last, None);
        assert_eq!((heads.len(), heads[0].id.as_str(), heads[0].lines), (1, "5", 1));
    }

    #[test]
    fn payloads_and_logs_are_kept_only_while_a_page_is_open() {
        let calls = Calls::new(true);
        for is_open in [false, true, false] {
            let open = is_open.then(|| calls.open());
            let recording = begin(&calls, "id");
            calls.log("id", || {
                assert!(is_open, "no text is made for nobody");
                ("information".to_owned(), "line".to_owned())
            });
            recording.finished(true, || Payload::returned(&TypedData::string("out")));
            let details = calls.details("id").unwrap();
            assert_eq!(details["request"].is_null(), !is_open, "{details}");
            assert_eq!(details["response"].is_null(), !is_open, "{details}");
            assert_eq!(details["log"].as_array().unwrap().len(), usize::from(is_open), "{details}");
            drop(open);
        }
    }

    #[test]
    fn without_a_page_nothing_is_kept() {
        let calls = Calls::new(false);
        let open = calls.open();
        begin(&calls, "id").finished(true, || None);
        calls.note("id", "error", "why");
        assert!(calls.details("id").is_none() && calls.since(0, None).0.is_empty());
        drop(open);
    }
}
