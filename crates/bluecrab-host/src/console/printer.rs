//! Prints lines on a thread of its own, so that the host runs on when nobody reads its output.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long the reader may pause while the command waits for it to read the last lines.
const READER_PAUSE: Duration = Duration::from_secs(1);

/// Prints lines in their order.
pub struct Printer {
    limit: usize,
    waiting: Mutex<Waiting>,
    changed: Condvar,
    /// How many lines have been printed.
    printed: AtomicUsize,
}

/// The lines that wait to be printed.
#[derive(Default)]
struct Waiting {
    /// The lines, each with whether it goes to standard error.
    lines: Vec<(String, bool)>,
    bytes: usize,
    /// How many lines were dropped after these.
    dropped: usize,
    /// Whether earlier lines are being printed.
    is_printing: bool,
}

impl Printer {
    /// Starts the thread, which calls `print` for each line. When `limit` bytes wait, further lines are dropped, and
    /// `note` makes the line that tells their number.
    pub fn start(
        limit: usize,
        print: impl Fn(&str, bool) + Send + 'static,
        note: impl Fn(usize) -> (String, bool) + Send + 'static,
    ) -> Arc<Self> {
        let printer = Self { limit, waiting: Mutex::default(), changed: Condvar::new(), printed: AtomicUsize::new(0) };
        let printer = Arc::new(printer);
        let shared = Arc::clone(&printer);
        thread::spawn(move || shared.run(print, note));
        printer
    }

    /// Prints a line soon, or drops it.
    pub fn print(&self, line: String, to_errors: bool) {
        let mut waiting = self.lock();
        if waiting.bytes >= self.limit {
            waiting.dropped += 1;
            return;
        }
        waiting.bytes += line.len();
        waiting.lines.push((line, to_errors));
        self.changed.notify_all();
    }

    /// Waits until all lines are printed, or until nobody reads them any more.
    pub fn flush(&self) {
        let mut waiting = self.lock();
        loop {
            let before = self.printed.load(Ordering::Relaxed);
            let is_busy = |waiting: &mut Waiting| waiting.is_printing || !waiting.lines.is_empty();
            let waited = self.changed.wait_timeout_while(waiting, READER_PAUSE, is_busy);
            let (guard, result) = waited.unwrap_or_else(PoisonError::into_inner);
            if !result.timed_out() || self.printed.load(Ordering::Relaxed) == before {
                return;
            }
            waiting = guard;
        }
    }

    fn run(&self, print: impl Fn(&str, bool), note: impl Fn(usize) -> (String, bool)) {
        loop {
            let batch = self.next();
            let note = Some(batch.dropped).filter(|dropped| *dropped > 0).map(&note);
            for (line, to_errors) in batch.lines.iter().chain(&note) {
                print(line, *to_errors);
                self.printed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Waits for lines and takes all of them.
    fn next(&self) -> Waiting {
        let mut waiting = self.lock();
        waiting.is_printing = false;
        self.changed.notify_all();
        let waited = self.changed.wait_while(waiting, |waiting| waiting.lines.is_empty());
        let next = Waiting { is_printing: true, ..Waiting::default() };
        std::mem::replace(&mut *waited.unwrap_or_else(PoisonError::into_inner), next)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, channel, sync_channel};

    /// Starts a printer whose reader takes a line only when the test does.
    fn printer(limit: usize) -> (Arc<Printer>, Receiver<String>, Receiver<()>) {
        let ((output, lines), (begins, begun)) = (sync_channel(0), channel());
        let print = move |line: &str, _| {
            begins.send(()).ok();
            output.send(line.to_owned()).ok();
        };
        (Printer::start(limit, print, |dropped| (format!("{dropped} dropped"), true)), lines, begun)
    }

    #[test]
    fn lines_that_nobody_reads_are_counted_at_their_place() {
        let (printer, lines, begun) = printer(6);
        let print = |text: &str| text.split(' ').for_each(|line| printer.print(line.to_owned(), false));
        print("first");
        begun.recv().unwrap();
        // The reader holds up the first line, so the others wait.
        print("one two three four");
        assert_eq!(lines.recv().unwrap(), "first");
        begun.recv().unwrap();
        print("five");
        let read: Vec<String> = lines.iter().take(4).collect();
        assert_eq!(read, ["one", "two", "2 dropped", "five"]);
    }

    #[test]
    fn the_end_waits_for_a_reader_only() {
        let (printer, lines, _begun) = printer(1 << 20);
        ["one", "two", "three"].iter().for_each(|line| printer.print((*line).to_owned(), false));
        let reader = thread::spawn(move || {
            let read: Vec<String> = lines.iter().take(3).collect();
            (read, lines)
        });
        printer.flush();
        let (read, _unread) = reader.join().unwrap();
        assert_eq!(read, ["one", "two", "three"]);
        printer.print("unread".to_owned(), false);
        printer.flush();
    }
}
