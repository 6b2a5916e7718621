//! Published figures: the page of the benchmarks, and regions of other pages, all written from committed results.

use super::markdown::{costs, folded, section, table};
use super::sections::Report;
use super::table::{Cell, Column, NONE, Table};
use crate::analysis::prices::Prices;
use crate::analysis::statistics::{CONFIDENCE, Verdict};
use crate::analysis::summary::{ByLoad, Group, Summary, payloads};
use crate::results::Results;
use crate::results::units::{date, digits, milliseconds};
use anyhow::{Context, Result, ensure};
use std::path::Path;

/// The committed results by name, such as `matrix` and `jobs/csv`.
pub struct Figures(Vec<(String, Results)>);

/// The headings of the page, each with the results below it. A name that ends with a slash stands for a folder.
const SECTIONS: [(&str, &str); 7] = [
    ("The flagship", "matrix"),
    ("The suite of jobs", "jobs/"),
    ("Beside its peers", "peers"),
    ("The pool of threads", "pool"),
    ("What a call costs besides its work", "echo"),
    ("The same functions without a host", "kernel"),
    ("Other languages", "guests"),
];

const START: &str = "<!-- figures: ";
const END: &str = "<!-- end of figures -->";

impl Figures {
    /// Reads all results of a folder and its folders.
    ///
    /// # Errors
    /// If a file cannot be read, or is not a result of this version.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut all = Vec::new();
        collect(folder, "", &mut all)?;
        all.sort_by(|one: &(String, Results), two| one.0.cmp(&two.0));
        Ok(Self(all))
    }

    fn named(&self, name: &str) -> Vec<&Results> {
        let is = |one: &str| if name.ends_with('/') { one.starts_with(name) } else { one == name };
        self.0.iter().filter(|(one, _)| is(one)).map(|(_, results)| results).collect()
    }

    /// The page of all results.
    pub fn page(&self) -> String {
        let mut page = "# Benchmarks\n\n".to_owned();
        page += "`cargo xtask bench` measured these figures; `cargo xtask codegen` writes this page from the results in \
                 `bench/results`. Client, host and worker share the cores of one machine. [Measuring](internals/measuring.md) describes \
                 the method.\n";
        if let Some((_, first)) = self.0.first() {
            page += &format!("\n{}\n", Report::new(first, &Prices::default()).rule());
        }
        for (heading, name) in SECTIONS {
            let all = self.named(name);
            if all.is_empty() {
                continue;
            }
            page += &format!("\n## {heading}\n\n{}\n", machines(&all));
            match all[..] {
                [one] if !name.ends_with('/') => {
                    let comparison = table(&comparison(one));
                    page += &format!("{}. {}\n\n{comparison}\n{}", one.title, legend(one), one_section(one));
                }
                _ => {
                    page += &format!("{}\n{}\n", tally(&all), table(&jobs(&all)));
                    let details = all.iter().map(|one| format!("### {}\n\n{}", one.title, one_section(one)));
                    page += &folded("Each job", &details.collect::<Vec<_>>().join("\n"));
                }
            }
        }
        if let Some(costs) = self.named("matrix").first().and_then(|one| costs(&Report::new(one, &Prices::default()))) {
            page += &format!("\n## What a million calls of the flagship cost\n\n{costs}");
        }
        page
    }

    /// Replaces the regions of a text, which begin with `<!-- figures: NAME -->` and end with `<!-- end of figures -->`.
    ///
    /// # Errors
    /// If a region has no end or an unknown name.
    pub fn fill(&self, text: &str) -> Result<String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(START) {
            let (name, after) = after.split_once(" -->").context("a region of figures has no name")?;
            let (_, after) = after.split_once(END).with_context(|| format!("the region {name} has no `{END}`"))?;
            let region = self.region(name)?;
            filled += &format!("{before}{START}{name} -->\n{}\n{END}", region.trim());
            rest = after;
        }
        Ok(filled + rest)
    }

    fn region(&self, name: &str) -> Result<String> {
        let results = if name.starts_with("jobs") { "jobs/" } else { name };
        let all = self.named(results);
        let known = SECTIONS.iter().any(|(_, section)| *section == results);
        ensure!(known, "there is no part \"{name}\" of the benchmarks");
        let Some(first) = all.first() else {
            return Ok(format!("Not measured yet: `cargo xtask bench --only {}` does.", results.trim_end_matches('/')));
        };
        Ok(match name {
            "jobs" => format!("{}\n{}\n{}", tally(&all), table(&jobs(&all)), machines(&all)),
            "jobs-summary" => tally(&all),
            _ => format!("{}\n{} {}", table(&comparison(first)), legend(first), machines(&all)),
        })
    }
}

fn collect(folder: &Path, prefix: &str, all: &mut Vec<(String, Results)>) -> Result<()> {
    for entry in folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))? {
        let file = entry?.path();
        let name = format!("{prefix}{}", file.file_stem().unwrap_or_default().to_string_lossy());
        if file.is_dir() {
            collect(&file, &format!("{name}/"), all)?;
        } else if file.extension().is_some_and(|extension| extension == "json") {
            all.push((name, Results::read(&file)?));
        }
    }
    Ok(())
}

fn one_section(results: &Results) -> String {
    let prices = Prices::default();
    section(&Report::new(results, &prices))
}

/// Machine, versions and date, once for all results that share them.
fn machines(all: &[&Results]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for results in all {
        let line = format!("Measured on {}, {}.", results.machine.line(), date(results.machine.started));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.join("\n") + "\n"
}

/// The place of the function that the others are compared with.
fn subject(results: &Results) -> usize {
    results.functions.iter().position(|function| function.subject).unwrap_or(results.functions.len() - 1)
}

/// A row for each function: its medians, and how many times as long it takes as the subject.
fn comparison(results: &Results) -> Table {
    let prices = Prices::default();
    let report = Report::new(results, &prices);
    let (payloads, subject) = (payloads(&report.groups), subject(results));
    let load = payloads.first().map_or(String::new(), |first| format!(", {}", first.single.load));
    let mut columns = vec![Column::words(format!("median ms{load}"))];
    columns.extend(payloads.iter().map(|payload| Column::number(&payload.single.payload)));
    let cell = |functions: &[Summary], index: usize| {
        let time = time(functions[index].p50);
        let against = (index != subject).then(|| functions[index].latency_against(&functions[subject]));
        Cell::from(time + &against.map_or(String::new(), |verdict| format!(" ({})", times(&verdict))))
    };
    let row = |(index, function): (usize, &crate::results::FunctionResult)| {
        let name = if index == subject { format!("**{}**", function.name) } else { function.name.clone() };
        let cells = payloads.iter().map(|payload| cell(&payload.single.functions, index));
        std::iter::once(Cell::from(name)).chain(cells).collect()
    };
    Table { caption: String::new(), columns, rows: results.functions.iter().enumerate().map(row).collect() }
}

/// How many times as long one function takes as another, with the interval.
fn times(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Lower(ratio) | Verdict::Higher(ratio) => {
            let [low, median, high] = [ratio.low, ratio.median, ratio.high].map(digits);
            format!("{median}x, {low} to {high}")
        }
        Verdict::NotDistinguishable(_) => "=".to_owned(),
        unknown => unknown.short("", ""),
    }
}

/// What the brackets of [`comparison`] mean.
fn legend(results: &Results) -> String {
    format!(
        "In brackets: how many times as long as {} it takes, with the {:.0} % interval over {}; `=` is not distinguishable.",
        results.functions[subject(results)].name,
        CONFIDENCE * 100.0,
        if results.fresh_workers { "workers" } else { "rounds of one worker" }
    )
}

fn time(seconds: Option<f64>) -> String {
    seconds.map_or(NONE.to_owned(), milliseconds)
}

/// A row for each job and payload: the job's package against ours.
fn jobs(all: &[&Results]) -> Table {
    let mut columns: Vec<Column> = ["job", "payload", "JavaScript"].map(Column::words).into();
    columns.extend([Column::number("ms"), Column::words("Rust"), Column::number("ms"), Column::words("latency")]);
    columns.extend(["calls/s, most at once"].map(Column::words));
    let rows = all.iter().flat_map(|results| {
        let prices = Prices::default();
        let report = Report::new(results, &prices);
        let (ours, title) = (subject(results), results.title.split(':').next().unwrap_or_default().to_owned());
        let row = |payload: ByLoad<&Group>| {
            let [baseline, function] = [0, ours].map(|index| &payload.single.functions[index]);
            let busy = payload.busy.map(|group| Cell::verdict(group.functions[ours].throughput, "more", "fewer"));
            vec![
                Cell::from(&title),
                payload.single.payload.clone().into(),
                format!("`{}`", baseline.function).into(),
                time(baseline.p50).into(),
                format!("`{}`", function.function).into(),
                time(function.p50).into(),
                Cell::verdict(function.median, "faster", "slower"),
                busy.unwrap_or_default(),
            ]
        };
        payloads(&report.groups).into_iter().map(row).collect::<Vec<_>>()
    });
    Table { caption: String::new(), columns, rows: rows.collect() }
}

/// How often our function of a job is faster, in a sentence.
fn tally(all: &[&Results]) -> String {
    let mut verdicts: Vec<Verdict> = Vec::new();
    for results in all {
        let prices = Prices::default();
        let report = Report::new(results, &prices);
        let ours = subject(results);
        verdicts.extend(payloads(&report.groups).iter().filter_map(|payload| payload.single.functions[ours].median));
    }
    let count = |is: fn(&Verdict) -> bool| verdicts.iter().filter(|verdict| is(verdict)).count();
    let factors = verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Lower(_)));
    let factors: Vec<f64> = factors.filter_map(|verdict| Some(verdict.factor()?.median)).collect();
    let range = factors.iter().copied().reduce(f64::min).zip(factors.iter().copied().reduce(f64::max));
    let range = range.map_or(String::new(), |(least, most)| format!(" ({}x to {}x)", digits(least), digits(most)));
    let unknown = count(Verdict::is_unknown);
    let unknown = if unknown > 0 { format!(", and too little measured in {unknown}") } else { String::new() };
    format!(
        "In {} pairs of a job and a payload, one call at a time, the function in Rust is faster in {}{range}, slower in {}, not \
         distinguishable in {}{unknown}.\n",
        verdicts.len(),
        factors.len(),
        count(|verdict| matches!(verdict, Verdict::Higher(_))),
        count(|verdict| matches!(verdict, Verdict::NotDistinguishable(_))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::fixture::{measurement, results};

    fn figures() -> Figures {
        let both = |title: &str, base, other| {
            let mut one = results(vec![measurement("base", "p", base), measurement("other", "p", other)]);
            one.title = title.to_owned();
            one
        };
        Figures(vec![
            ("jobs/csv".to_owned(), both("Sums: a and b", 3_000, 1_000)),
            ("jobs/zip".to_owned(), both("Packing: a and b", 1_000, 2_000)),
            ("matrix".to_owned(), both("Matrices", 8_000, 1_000)),
        ])
    }

    #[test]
    fn a_region_is_replaced_and_the_text_around_it_stays() {
        let figures = figures();
        let text = "before\n<!-- figures: matrix -->\nold\n<!-- end of figures -->\nafter\n";
        let filled = figures.fill(text).unwrap();
        let row = "| base | 8.00 (8.00x, 8.00 to 8.00) |\n| **other** | 1.00 |\n";
        assert!(filled.starts_with("before\n<!-- figures: matrix -->\n| median ms, one at a time |"), "{filled}");
        assert!(filled.contains(row) && filled.ends_with("<!-- end of figures -->\nafter\n"), "{filled}");
        assert!(!filled.contains("old"), "{filled}");
        assert_eq!(figures.fill(&filled).unwrap(), filled);
        let filled = figures.fill("<!-- figures: pool -->\n<!-- end of figures -->").unwrap();
        assert!(filled.contains("Not measured yet: `cargo xtask bench --only pool` does."), "{filled}");
        let error = figures.fill("<!-- figures: ponds -->\n<!-- end of figures -->").unwrap_err().to_string();
        assert_eq!(error, "there is no part \"ponds\" of the benchmarks");
        assert!(figures.fill("<!-- figures: matrix -->").unwrap_err().to_string().contains("has no"));
    }

    #[test]
    fn the_page_has_a_section_for_all_results() {
        let page = figures().page();
        assert!(page.contains("## The flagship\n") && page.contains("### Sums: a and b\n"), "{page}");
        assert!(!page.contains("## Beside its peers"), "{page}");
        let tally = "In 2 pairs of a job and a payload, one call at a time, the function in Rust is faster in 1 (3.00x to \
                     3.00x), slower in 1, not distinguishable in 0.";
        assert!(page.contains(tally), "{page}");
    }
}
