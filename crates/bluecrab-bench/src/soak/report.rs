//! What the soak found: tables, and whether it is as it must be.

use super::memory::Memory;
use super::traffic::Outcome;
use crate::process::Held;
use crate::samples::Samples;
use comfy_table::{CellAlignment, Table, presets};
use std::fmt;
use std::time::Duration;

/// What the soak found.
pub struct Report {
    pub(super) time: Duration,
    pub(super) concurrency: usize,
    pub(super) requests_before: u64,
    pub(super) outcome: Outcome,
    /// Of the worker and the host.
    pub(super) memory: [(&'static str, Memory); 2],
    /// At the start and at the end, of the worker and the host; nothing where the system does not tell.
    pub(super) held: [Option<[Held; 2]>; 2],
}

/// Threads of V8 and of libuv start when there is work for them.
const TOLERATED_THREADS: usize = 4;

impl Report {
    /// What is not as it must be, a sentence each.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let wrong = self.wrong();
        if wrong > 0 {
            faults.push(format!("{wrong} wrong answers"));
        }
        if self.outcome.broken > 0 {
            faults.push(format!("{} requests without an answer", self.outcome.broken));
        }
        for (name, memory) in &self.memory {
            if memory.has_grown() {
                faults
                    .push(format!("the memory of the {name} grows: even its least at the end is far above the middle"));
            }
        }
        if let [Some(start), Some(end)] = &self.held {
            for ((name, _), (start, end)) in self.memory.iter().zip(start.iter().zip(end)) {
                // A connection or two may be kept more than at the start.
                if end.handles > start.handles + self.concurrency {
                    faults.push(format!("the handles of the {name} grow from {} to {}", start.handles, end.handles));
                }
                if end.threads > start.threads + TOLERATED_THREADS {
                    faults.push(format!("the threads of the {name} grow from {} to {}", start.threads, end.threads));
                }
            }
        }
        faults
    }

    fn wrong(&self) -> u64 {
        self.outcome.kinds.values().map(|of_kind| of_kind.wrong).sum()
    }

    fn requests(&self) -> Table {
        let mut table = table(["requests", "", "wrong", "p50 at the start, end", "p99 at the start, end"]);
        for (kind, of_kind) in &self.outcome.kinds {
            let both = |share| format!("{}, {}", time(&of_kind.first, share), time(&of_kind.last, share));
            let counts = [of_kind.requests, of_kind.wrong].map(|count| count.to_string());
            let [requests, wrong] = counts;
            table.add_row([kind.to_string(), requests, wrong, both(0.5), both(0.99)]);
        }
        table
    }

    fn resources(&self) -> Table {
        let mut table = table(["resources", "start", "middle", "end", ""]);
        for (index, (name, memory)) in self.memory.iter().enumerate() {
            let [start, middle, end] = memory.medians().map(|bytes| format!("{:.0} MiB", bytes / 1_048_576.0));
            let verdict = if memory.has_grown() { "GROWS" } else { "" };
            table.add_row([format!("resident memory of the {name}"), start, middle, end, verdict.to_owned()]);
            let held = self.held.map(|held| held.map(|held| held[index]));
            for (what, of) in
                [("handles", (|held: Held| held.handles) as fn(Held) -> usize), ("threads", |held: Held| held.threads)]
            {
                let [start, end] = held.map(|held| held.map_or_else(|| "?".to_owned(), |held| of(held).to_string()));
                table.add_row([
                    format!("open {what} of the {name}, at rest"),
                    start,
                    String::new(),
                    end,
                    String::new(),
                ]);
            }
        }
        table
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}\n\n{}\n", self.requests(), self.resources())?;
        let requests: u64 = self.outcome.kinds.values().map(|of_kind| of_kind.requests).sum();
        let seconds = self.time.as_secs_f64();
        writeln!(
            formatter,
            "{requests} requests in {seconds:.0} s, {} at once, after {} to warm up; {} wrong answers.",
            self.concurrency,
            self.requests_before,
            self.wrong()
        )?;
        let statuses: Vec<String> =
            self.outcome.statuses.iter().map(|(status, count)| format!("{status}: {count}")).collect();
        writeln!(formatter, "Answers by status: {}; without an answer: {}.", statuses.join(", "), self.outcome.broken)?;
        write!(formatter, "Start, middle and end are the first, the middle and the last fifth of the time.")?;
        self.outcome.faults.iter().try_for_each(|fault| write!(formatter, "\n  {fault}"))
    }
}

fn table(header: [&str; 5]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn time(samples: &Samples, share: f64) -> String {
    if samples.len() == 0 {
        return "-".to_owned();
    }
    format!("{:.1} ms", samples.percentile(share).as_secs_f64() * 1000.0)
}
