//! The tables and sentences of published figures.

use super::sections::Report;
use super::table::{Cell, Column, Table, time};
use crate::analysis::statistics::{CONFIDENCE, Verdict};
use crate::analysis::summary::{ByLoad, Group, Summary, groups, payloads};
use crate::results::Results;
use crate::results::units::{date, digits, distinct, megabytes, span};

/// Names machine, versions and date, once for all results that share them.
pub fn machines(all: &[&Results]) -> String {
    let line = |results: &&Results| {
        let sharing = results.sharing().map(|sentence| format!(" {sentence}")).unwrap_or_default();
        format!("Measured on {}, {}.{sharing}", results.machine.line(), date(results.machine.started))
    };
    distinct(all.iter().map(line)).join("\n") + "\n"
}

/// Returns the index of the function that the others are compared with.
fn subject(results: &Results) -> usize {
    results.functions.iter().position(|function| function.subject).unwrap_or(results.functions.len() - 1)
}

/// Makes a row for each function: its medians, and how many times as long it takes as the subject.
pub fn comparison(results: &Results) -> Table {
    let groups = groups(results);
    let (payloads, subject) = (payloads(&groups), subject(results));
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

/// The tables of [`comparison`] for results of the same scenario from several machines, one below the other.
pub fn by_machine(all: &[&Results]) -> Table {
    let mut whole = Table { caption: String::new(), columns: Vec::new(), rows: Vec::new() };
    for results in all {
        let Table { columns, rows, .. } = comparison(results);
        whole.columns = [&["processor", "Node.js"].map(Column::words)[..], &columns].concat();
        let place = results.machine.place().map(Cell::from);
        whole.rows.extend(rows.into_iter().map(|row| [&place[..], &row].concat()));
    }
    whole
}

/// Makes the table of [`Report::overview`], with the sizes of the functions' files and the memory of their workers.
pub fn with_sizes(report: &Report) -> Table {
    let mut table = report.overview();
    table.columns.insert(1, Column::number("file MB"));
    table.columns.push(Column::number("memory MB"));
    for (index, (row, function)) in table.rows.iter_mut().zip(&report.results.functions).enumerate() {
        let memory = report.groups.iter().filter_map(|group| group.functions.get(index)?.memory_peak).max();
        row.insert(1, Cell::measured(function.size, megabytes));
        row.push(Cell::measured(memory, megabytes));
    }
    table
}

/// By how much the subject is faster than the baseline with the last payload, in a sentence.
pub fn range(all: &[&Results]) -> String {
    let mut factors = Vec::new();
    let mut names = None;
    for results in all {
        let (groups, subject) = (groups(results), subject(results));
        let payloads = payloads(&groups);
        let Some(last) = payloads.last() else { continue };
        let [baseline, function] = [0, subject].map(|index| &last.single.functions[index]);
        if let Some(Verdict::Lower(ratio)) = function.median {
            factors.push(ratio.inverse().median);
        }
        names = Some([&last.single.payload, &function.function, &baseline.function].map(Clone::clone));
    }
    let (Some([payload, function, baseline]), Some(speed)) = (names, span(&factors)) else {
        return "No result has a verdict on the flagship.".to_owned();
    };
    let count = if factors.len() == all.len() { String::new() } else { format!("{} of ", factors.len()) };
    let results = if all.len() == 1 { "1 result".to_owned() } else { format!("{count}{} results", all.len()) };
    format!("With {payload}, {function} is {speed} faster than {baseline}, by the medians of {results}.")
}

/// Says how many times as long one function takes as another, with the interval.
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

/// Returns the notes of results, each once.
pub fn notes(all: &[&Results]) -> String {
    distinct(all.iter().filter_map(|results| results.note.as_deref())).join(" ")
}

/// Explains the brackets of [`comparison`], and adds the note.
pub fn legend(results: &Results) -> String {
    let legend = format!(
        "In brackets: how many times as long as {} it takes, with the {:.0} % interval over {}; `=` is not \
         distinguishable.",
        results.functions[subject(results)].name,
        CONFIDENCE * 100.0,
        if results.fresh_workers { "workers" } else { "rounds of one worker" }
    );
    format!("{legend} {}", notes(&[results])).trim_end().to_owned()
}

/// Makes a row for each job and payload: the npm package against the function in Rust.
pub fn jobs(all: &[&Results]) -> Table {
    let mut columns: Vec<Column> = ["job", "payload", "JavaScript"].map(Column::words).into();
    columns.extend([Column::number("ms"), Column::words("Rust"), Column::number("ms"), Column::words("latency")]);
    columns.extend(["calls/s, most at once"].map(Column::words));
    let rows = all.iter().flat_map(|results| {
        let groups = groups(results);
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
        payloads(&groups).into_iter().map(row).collect::<Vec<_>>()
    });
    Table { caption: String::new(), columns, rows: rows.collect() }
}

/// Says in a sentence how often the function in Rust is faster.
pub fn tally(all: &[&Results]) -> String {
    let mut verdicts: Vec<Verdict> = Vec::new();
    for results in all {
        let (groups, ours) = (groups(results), subject(results));
        verdicts.extend(payloads(&groups).iter().filter_map(|payload| payload.single.functions[ours].median));
    }
    let count = |is: fn(&Verdict) -> bool| verdicts.iter().filter(|verdict| is(verdict)).count();
    let factors = verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Lower(_)));
    let factors: Vec<f64> = factors.filter_map(|verdict| Some(verdict.factor()?.median)).collect();
    let range = span(&factors).map_or(String::new(), |speed| format!(" ({speed})"));
    let unknown = count(Verdict::is_unknown);
    let unknown = if unknown > 0 { format!(", and too little measured in {unknown}") } else { String::new() };
    format!(
        "In {} pairs of a job and a payload, one call at a time, the function in Rust is faster in {}{range}, slower \
         in {}, not distinguishable in {}{unknown}.\n",
        verdicts.len(),
        factors.len(),
        count(|verdict| matches!(verdict, Verdict::Higher(_))),
        count(|verdict| matches!(verdict, Verdict::NotDistinguishable(_))),
    )
}
