//! The results of the repository's benchmarks as one Markdown page: every figure in it is calculated here, none is typed.

mod brief;
mod costs;
mod figures;
mod losses;
pub(crate) mod payloads;
mod seal;
mod stages;
mod suite;
mod text;

pub use losses::{Reasons, unexplained};
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

    /// The place of the one that is compared with all others.
    fn hero(&self) -> Option<usize> {
        let name = self.ours.first();
        self.results
            .functions
            .iter()
            .enumerate()
            .skip(1)
            .find_map(|(index, function)| name.is_none_or(|name| *name == function.name).then_some(index))
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

/// A part of the page; empty where there is nothing for it.
type Section = fn(&Bench) -> String;

/// What is read first: sections with their headings, in their order.
const SECTIONS: [(&str, Section); 6] = [
    ("The flagship", |bench| bench.flagship.as_ref().map_or(String::new(), brief::flagship)),
    ("The suite of jobs", |bench| suite::brief(&bench.jobs)),
    ("Beside its peers", |bench| bench.peers.as_ref().map_or(String::new(), brief::peers)),
    ("Where Bluecrab is not faster, and why", losses),
    ("From what size on", |bench| bench.flagship.as_ref().map_or(String::new(), crossovers)),
    ("What a million calls cost", |bench| {
        bench.flagship.as_ref().map_or(String::new(), |flagship| costs::brief(flagship, &bench.prices))
    }),
];

/// What is folded, with what says whether to unfold it.
const DETAILS: [(&str, Section); 6] = [
    ("How to read the tables", |_| rule()),
    ("The flagship: every figure", |bench| bench.flagship.as_ref().map_or(String::new(), compared)),
    ("The suite of jobs: every figure", |bench| suite::details(&bench.jobs)),
    ("Beside its peers: every figure", |bench| bench.peers.as_ref().map_or(String::new(), compared)),
    ("What a million calls cost: every figure, and what is assumed", |bench| {
        costs::details(&bench.flagship.iter().chain(&bench.peers).collect::<Vec<_>>(), &bench.prices)
    }),
    ("Where the server's time goes", |bench| stages::section(&bench.each().collect::<Vec<_>>())),
];

impl Bench {
    fn each(&self) -> impl Iterator<Item = &Measured> {
        self.flagship.iter().chain(&self.peers).chain(&self.jobs)
    }
}

/// The page.
pub fn page(bench: &Bench) -> String {
    let mut page = format!("# Benchmarks\n\n{}", answer(bench));
    page += &machines(bench);
    page += &disturbances(bench);
    page += "`cargo xtask bench` measured this and wrote this page; no figure in it is typed by hand.\n";
    for (heading, section) in SECTIONS {
        let section = section(bench);
        if !section.is_empty() {
            // Writing to a String does not fail.
            let _ = write!(page, "\n## {heading}\n\n{}\n", section.trim_end());
        }
    }
    let details = DETAILS.iter().map(|(summary, section)| (summary, section(bench)));
    let details: Vec<String> =
        details.filter(|(_, text)| !text.is_empty()).map(|(summary, text)| text::folded(summary, &text)).collect();
    seal::sealed(&format!("{page}\n## Details\n\n{}", details.join("\n")))
}

/// The answer in two sentences.
fn answer(bench: &Bench) -> String {
    let flagship = bench.flagship.as_ref().and_then(brief::answer).map(|words| format!("{words} "));
    let said = flagship.unwrap_or_default() + &suite::tally(&bench.jobs);
    if said.is_empty() { said } else { format!("**{}**\n\n", said.trim_end()) }
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
        "- Times are milliseconds. The functions of a table answered the same and were measured in turn, round after round, \
        each with a host and a worker of its own.\n\
        - A ratio is the median of those of the rounds, with its {:.0} % interval in brackets. Functions whose interval does \
        not exclude that there is no difference, or which differ by less than {:.0} %, are not distinguishable.\n\
        - A p99 needs 100 calls, else it is `-`; `?` was not measured.\n\
        - CPU is the worker's processor time for a thousand calls, with the load of the p50.\n\
        - Peak MB is its resident memory under any load, after it served larger payloads of earlier rounds.\n\
        - The neighbour is a function that does nothing, called beside the load, and alone.\n\
        - More is in [bench.md](bench.md).\n",
        CONFIDENCE * 100.0,
        SMALLEST * 100.0
    )
}

/// What other programs did meanwhile; empty where that is nothing to speak of.
fn disturbances(bench: &Bench) -> String {
    let of = |measured: &Measured| {
        others::sentence(&measured.results).map(|sentence| format!("- {}: {sentence}\n", measured.name))
    };
    let said: String = bench.each().filter_map(of).collect();
    if said.is_empty() { said } else { said + "\n" }
}

/// All figures of one scenario.
fn compared(measured: &Measured) -> String {
    let table = figures::table(measured);
    let parts = [head(measured), table, figures::processes(&measured.results), crossovers(measured)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Where ours is not faster, for each part of the page.
fn losses(bench: &Bench) -> String {
    let parts = [
        ("The flagship", bench.flagship.iter().collect::<Vec<_>>()),
        ("The jobs", bench.jobs.iter().collect()),
        ("Its peers", bench.peers.iter().collect()),
    ];
    let parts = parts.iter().map(|(name, measured)| (name, losses::section(measured, &bench.reasons)));
    let parts =
        parts.filter(|(_, bullets)| !bullets.is_empty()).map(|(name, bullets)| format!("{name}:\n\n{bullets}\n"));
    parts.collect()
}

/// What was measured, and for how long.
fn head(measured: &Measured) -> String {
    let Results { title, cells, .. } = &measured.results;
    let rounds = cells.iter().map(|cell| cell.rounds.len()).max().unwrap_or(0);
    let mut seconds: Vec<f64> = cells.iter().flat_map(|cell| &cell.rounds).map(|round| round.seconds).collect();
    seconds.sort_unstable_by(f64::total_cmp);
    let time = if seconds.is_empty() { 0.0 } else { median(&seconds) };
    let workers = if measured.results.fresh_workers { ", each with fresh workers" } else { "" };
    format!(
        "{title}. {rounds} rounds{workers}; a function was called for {} s in each with each load, by the median.\n",
        digits(time)
    )
}

fn crossovers(measured: &Measured) -> String {
    let groups = groups(&measured.results);
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for (load, sweep) in sweeps(&groups).iter().filter(|(_, sweep)| sweep.len() > 1) {
        let functions = sweep[0].functions.iter().enumerate().skip(1);
        for (index, function) in functions.filter(|(_, function)| measured.is_ours(&function.function)) {
            let Some(crossover) = Crossover::of(sweep, index) else { continue };
            let (words, who) = (crossover.words(), format!("`{}`, {load}", function.function));
            match lines.iter_mut().find(|(known, _)| *known == words) {
                Some((_, all)) => all.push(who),
                None => lines.push((words, vec![who])),
            }
        }
    }
    let Some(baseline) = measured.results.functions.first().filter(|_| !lines.is_empty()) else { return String::new() };
    let lines = lines.iter().map(|(words, who)| format!("- {}: {words}.\n", who.join("; ")));
    let title = &measured.results.title;
    format!("{title}, by the median latency, against `{}`:\n\n{}\n", baseline.name, lines.collect::<String>())
}
