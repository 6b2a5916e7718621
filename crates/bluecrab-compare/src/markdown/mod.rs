//! The results of the repository's benchmarks as one Markdown page: every figure in it is calculated here, none is typed.

mod costs;
mod figures;
mod losses;
mod payloads;
mod seal;
mod stages;
mod suite;
mod text;

pub use losses::Reasons;
pub use seal::is_as_written;

use crate::crossover::{Crossover, sweeps};
use crate::others;
use crate::prices::Prices;
use crate::results::Results;
use crate::statistics::{CONFIDENCE, SMALLEST, digits, median};
use crate::summary::groups;
use std::fmt::Write;

/// What a scenario gave.
#[derive(Debug, Clone)]
pub struct Measured {
    /// The scenario's name, by which the reasons know it.
    pub name: String,
    /// Its results.
    pub results: Results,
    /// Those of its functions that are Bluecrab's, the first of which is compared with each other one; where it is empty, all
    /// but the baseline are.
    pub ours: Vec<String>,
}

impl Measured {
    fn is_ours(&self, function: &str) -> bool {
        let baseline = self.results.functions.first().map(|baseline| baseline.name.as_str());
        if self.ours.is_empty() { Some(function) != baseline } else { self.ours.iter().any(|name| name == function) }
    }
}

/// All that the page is made of.
#[derive(Debug, Clone, Default)]
pub struct Bench {
    /// The flagship.
    pub flagship: Option<Measured>,
    /// The flagship beside its peers.
    pub peers: Option<Measured>,
    /// The suite of jobs.
    pub jobs: Vec<Measured>,
    /// Why what loses does.
    pub reasons: Reasons,
    /// What calls cost.
    pub prices: Prices,
}

/// A section of the page; empty where there is nothing for it.
type Section = fn(&Bench) -> String;

/// The sections with their headings, in their order.
const SECTIONS: [(&str, Section); 6] = [
    ("The flagship", |bench| bench.flagship.as_ref().map_or(String::new(), |of| compared(of, &bench.reasons))),
    ("Beside its peers", |bench| bench.peers.as_ref().map_or(String::new(), |of| compared(of, &bench.reasons))),
    ("The suite of jobs", |bench| suite::section(&bench.jobs, &bench.reasons)),
    ("From what size on", |bench| bench.each().map(crossovers).collect()),
    ("What a million calls cost", |bench| {
        costs::section(&bench.flagship.iter().chain(&bench.peers).collect::<Vec<_>>(), &bench.prices)
    }),
    ("Where the server's time goes", |bench| bench.each().map(stages::section).collect()),
];

impl Bench {
    fn each(&self) -> impl Iterator<Item = &Measured> {
        self.flagship.iter().chain(&self.peers).chain(&self.jobs)
    }
}

/// The page.
pub fn page(bench: &Bench) -> String {
    let mut page = "# Benchmarks\n\n".to_owned();
    page += "`cargo xtask bench` measured this and wrote this page; no figure in it is typed by hand.\n\n";
    page += &machines(bench);
    page += &rule();
    for (heading, section) in SECTIONS {
        let section = section(bench);
        if !section.is_empty() {
            // Writing to a String does not fail.
            let _ = write!(page, "\n## {heading}\n\n{}\n", section.trim_end());
        }
    }
    seal::sealed(&page)
}

/// Where and when each scenario was measured; those that have all in common share a line.
fn machines(bench: &Bench) -> String {
    let mut lines: Vec<(String, Vec<&Measured>)> = Vec::new();
    for measured in bench.each() {
        let line = measured.results.machine.line();
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, scenarios)) => scenarios.push(measured),
            None => lines.push((line, vec![measured])),
        }
    }
    let of = |(line, scenarios): &(String, Vec<&Measured>)| {
        let started = scenarios.iter().map(|measured| measured.results.machine.started);
        let date = started.min().map_or(String::new(), text::date);
        let names: Vec<&str> = scenarios.iter().map(|measured| measured.name.as_str()).collect();
        let names = if lines.len() > 1 { format!("{}: ", names.join(", ")) } else { String::new() };
        format!("- {names}{line}, {date}\n")
    };
    lines.iter().map(of).collect::<String>() + "\n"
}

fn rule() -> String {
    format!(
        "Times are milliseconds. The functions of a table answered the same and were measured in turn, round after round, each \
        with a host and a worker of its own. A ratio is the median of those of the rounds, with its {:.0} % interval in \
        brackets. Functions whose interval does not exclude that there is no difference, or which differ by less than {:.0} \
        %, are not distinguishable. A p99 needs 100 calls, else it is `-`; `?` was not measured. CPU is the worker's processor time for a thousand calls, with the load of the p50; \
        peak MB its resident memory under any load, after it served larger payloads of earlier rounds; the neighbour a function that does nothing, called beside the load, and alone. More is \
        in \
        [bench.md](bench.md).\n",
        CONFIDENCE * 100.0,
        SMALLEST * 100.0
    )
}

/// A section of one scenario.
fn compared(measured: &Measured, reasons: &Reasons) -> String {
    let parts = [
        head(measured),
        disturbances(std::slice::from_ref(measured)),
        figures::table(measured),
        figures::processes(&measured.results),
        losses::section(std::slice::from_ref(measured), reasons),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What other programs did meanwhile; empty where that is nothing to speak of.
fn disturbances(all: &[Measured]) -> String {
    let of = |measured: &Measured| {
        let sentence = others::sentence(&measured.results)?;
        Some(if all.len() > 1 {
            format!("- {}: {sentence}\n", measured.results.title)
        } else {
            format!("{sentence}\n")
        })
    };
    all.iter().filter_map(of).collect()
}

/// What was measured, and for how long.
fn head(measured: &Measured) -> String {
    let Results { title, cells, .. } = &measured.results;
    let rounds = cells.iter().map(|cell| cell.rounds.len()).max().unwrap_or(0);
    let mut seconds: Vec<f64> = cells.iter().flat_map(|cell| &cell.rounds).map(|round| round.seconds).collect();
    seconds.sort_unstable_by(f64::total_cmp);
    let time = if seconds.is_empty() { 0.0 } else { median(&seconds) };
    format!(
        "{title}. {rounds} rounds; a function was called for {} s in each with each load, by the median.\n",
        digits(time)
    )
}

fn crossovers(measured: &Measured) -> String {
    let groups = groups(&measured.results);
    let mut lines = String::new();
    for (load, sweep) in sweeps(&groups) {
        let (smallest, largest) = (sweep.first().and_then(|one| one.size), sweep.last().and_then(|one| one.size));
        if smallest == largest {
            continue;
        }
        let functions = sweep[0].functions.iter().enumerate().skip(1);
        for (index, function) in functions.filter(|(_, function)| measured.is_ours(&function.function)) {
            if let Some(crossover) = Crossover::of(&sweep, index) {
                let (name, baseline) = (&function.function, &sweep[0].functions[0].function);
                let _ = writeln!(lines, "- `{name}` against `{baseline}`, {load}: {}.", crossover.words());
            }
        }
    }
    if lines.is_empty() { lines } else { format!("{}, by the median latency:\n\n{lines}\n", measured.results.title) }
}
