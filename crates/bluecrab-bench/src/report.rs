//! What the experiment found, as a table.

use crate::fresh::FreshWorker;
use crate::samples::Samples;
use comfy_table::{CellAlignment, Table, presets};
use std::fmt;
use std::time::Duration;

/// What the experiment found.
pub struct Report {
    pub(crate) sizes: Vec<Sized>,
    pub(crate) hellos: Vec<Samples>,
    pub(crate) idle: FreshWorker,
    pub(crate) fresh: Vec<FreshWorker>,
    pub(crate) seed: u64,
    pub(crate) concurrency: usize,
    pub(crate) fresh_calls: usize,
}

/// What was found at one size; a member a multiplication.
pub(crate) struct Sized {
    pub size: usize,
    pub latencies: Vec<Samples>,
    pub throughput: Vec<f64>,
    pub largest_difference: f64,
    pub request_bytes: usize,
}

/// What was reported in 2019, Math.js and Rust, by what is measured.
const LATENCY_2019: [(usize, &str); 2] = [(2, "9 ms / 9 ms"), (300, "3.2 s / 1.2 s")];
const MEMORY_2019: &str = "126 MB / 122 MB";
const IDLE_2019: &str = "40 MB";

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN);
        table.set_header([
            "",
            "2019: Math.js / Rust",
            "Math.js",
            "Rust: ndarray",
            "Rust: Bluecrab",
            "Bluecrab is better",
        ]);
        for at_size in &self.sizes {
            add_latencies(&mut table, at_size);
            let row = at_size.throughput.iter().map(|calls| format!("{calls:.0} /s")).collect::<Vec<_>>();
            let ratio = at_size.throughput[2] / at_size.throughput[0];
            let label = format!("{0}x{0}, {1} at once", at_size.size, self.concurrency);
            add(&mut table, label, "", &row, &format!("{ratio:.1}x"));
        }
        let memory = self.fresh.iter().map(|worker| megabytes(worker.memory)).collect::<Vec<_>>();
        let ratio = |of: fn(&FreshWorker) -> f64| format!("{:.1}x", of(&self.fresh[0]) / of(&self.fresh[2]));
        add(&mut table, "memory of the worker", MEMORY_2019, &memory, &ratio(|worker| worker.memory as f64));
        let first = self.fresh.iter().map(|worker| time(worker.first_answer)).collect::<Vec<_>>();
        add(&mut table, "start to first answer", "", &first, &ratio(|worker| worker.first_answer.as_secs_f64()));
        add(&mut table, "answers", "", &["baseline", &self.agreement(), "same bytes"].map(str::to_owned), "");
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        writeln!(formatter, "{table}\n")?;
        self.write_notes(formatter)
    }
}

fn add_latencies(table: &mut Table, at_size: &Sized) {
    let size = at_size.size;
    let reported = LATENCY_2019.iter().find(|(reported, _)| *reported == size).map_or("", |(_, text)| text);
    for (label, share, reported) in [("median", 0.5, reported), ("p99", 0.99, "")] {
        let latencies: Vec<Duration> = at_size.latencies.iter().map(|samples| samples.percentile(share)).collect();
        let row = latencies.iter().copied().map(time).collect::<Vec<_>>();
        let ratio = latencies[0].as_secs_f64() / latencies[2].as_secs_f64();
        add(table, format!("{size}x{size}, {label}"), reported, &row, &format!("{ratio:.1}x"));
    }
}

fn add(table: &mut Table, label: impl Into<String>, reported: &str, row: &[String], ratio: &str) {
    let cells = [label.into(), reported.to_owned()].into_iter().chain(row.iter().cloned());
    table.add_row(cells.chain([ratio.to_owned()]));
}

impl Report {
    fn agreement(&self) -> String {
        let largest = self.sizes.iter().map(|at_size| at_size.largest_difference).fold(0.0, f64::max);
        if largest == 0.0 { "same numbers".to_owned() } else { format!("within {largest:.0e}") }
    }

    fn write_notes(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [node, rust] = [0, 1].map(|index| time(self.hellos[index].percentile(0.5)));
        writeln!(formatter, "- The empty function, median: {node} in Node.js, {rust} in Rust.")?;
        let idle = megabytes(self.idle.memory);
        writeln!(formatter, "- The worker with the empty functions only: {idle}; in 2019 {IDLE_2019}.")?;
        let calls: Vec<String> = self
            .sizes
            .iter()
            .map(|at_size| {
                let Sized { size, request_bytes, latencies, .. } = at_size;
                format!("{size}x{size} ({request_bytes} bytes) {} calls each", latencies[0].len())
            })
            .collect();
        writeln!(formatter, "- Latency: {}, interleaved, one at a time, warm-up apart.", calls.join(", "))?;
        writeln!(formatter, "- The p99 of fewer than 100 calls is the slowest of them.")?;
        let fresh = self.fresh_calls;
        writeln!(
            formatter,
            "- Memory and start: a fresh worker each; memory resident after {fresh} calls at 300x300."
        )?;
        write!(formatter, "- Matrices of random decimals, seed {}.", self.seed)
    }
}

fn time(duration: Duration) -> String {
    let milliseconds = duration.as_secs_f64() * 1000.0;
    match milliseconds {
        1000.0.. => format!("{:.2} s", milliseconds / 1000.0),
        100.0.. => format!("{milliseconds:.0} ms"),
        10.0.. => format!("{milliseconds:.1} ms"),
        _ => format!("{milliseconds:.2} ms"),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        let text = |microseconds| time(Duration::from_micros(microseconds));
        assert_eq!(
            [text(512), text(12_345), text(234_567), text(3_200_000)],
            ["0.51 ms", "12.3 ms", "235 ms", "3.20 s"]
        );
    }
}
