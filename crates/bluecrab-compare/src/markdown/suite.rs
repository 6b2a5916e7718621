//! The suite of jobs: each job's package against its crate, in one table.

use super::disturbances;
use super::figures::{PROCESS, process_rows, rate, time, words};
use super::losses;
use super::payloads::{Payload, payloads};
use super::text::{code, table};
use super::{Measured, Reasons};
use crate::statistics::Verdict;
use crate::summary::{Group, Summary, group};

/// The section; empty without jobs.
pub fn section(jobs: &[Measured], reasons: &Reasons) -> String {
    let rows: Vec<Row> = jobs.iter().flat_map(rows_of).collect();
    if rows.is_empty() {
        return String::new();
    }
    let head = ["job", "payload", "baseline", "p50", "function", "p50", "latency", "calls/s, most at once", "faster"];
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.cells.clone()).collect();
    let table = table(&head.map(str::to_owned), 3, &cells);
    let parts = [tally(&rows), disturbances(jobs), table, starts(jobs), losses::section(jobs, reasons)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The starts of the functions of all jobs; empty where there are none.
fn starts(jobs: &[Measured]) -> String {
    let started = jobs.iter().filter(|job| job.results.functions.iter().any(|one| !one.cold_starts.is_empty()));
    let rows = started.flat_map(|job| {
        let title = |(index, row): (usize, Vec<String>)| {
            let title = if index == 0 { job.results.title.clone() } else { String::new() };
            std::iter::once(title).chain(row).collect::<Vec<String>>()
        };
        process_rows(&job.results).into_iter().enumerate().map(title)
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let head: Vec<String> = std::iter::once("job").chain(PROCESS).map(str::to_owned).collect();
    if rows.is_empty() { String::new() } else { table(&head, 2, &rows) }
}

/// A function with a payload, against its job's baseline.
struct Row {
    cells: Vec<String>,
    verdict: Option<Verdict>,
    is_ours: bool,
}

fn tally(rows: &[Row]) -> String {
    let rows: Vec<&Row> = rows.iter().filter(|row| row.is_ours).collect();
    let count =
        |is: fn(&Verdict) -> bool| rows.iter().filter_map(|row| row.verdict.as_ref()).filter(|it| is(it)).count();
    format!(
        "Of {} pairs of a job and a payload Bluecrab's function is faster than the baseline in {}, slower in {}, and not \
        distinguishable in {}, by the median latency of calls one at a time.\n",
        rows.len(),
        count(|verdict| matches!(verdict, Verdict::Less(_))),
        count(|verdict| matches!(verdict, Verdict::More(_))),
        count(|verdict| matches!(verdict, Verdict::NotDistinguishable(_))),
    )
}

fn rows_of(job: &Measured) -> Vec<Row> {
    let pairs = payloads(&job.results).into_iter().filter_map(|payload| Some((group(payload.single)?, payload)));
    pairs.flat_map(|(single, payload)| rows_of_payload(job, &single, &payload)).collect()
}

fn rows_of_payload(job: &Measured, single: &Group, payload: &Payload<'_>) -> Vec<Row> {
    let Some((baseline, others)) = single.functions.split_first() else { return Vec::new() };
    let row = |(index, function): (usize, &Summary)| {
        let faster = match function.median {
            Some(Verdict::Less(_)) => code(&function.function),
            Some(Verdict::More(_)) => code(&baseline.function),
            Some(Verdict::NotDistinguishable(_)) => "neither".to_owned(),
            Some(Verdict::TooFewRounds) | None => "?".to_owned(),
        };
        let cells = vec![
            job.results.title.clone(),
            single.payload.clone(),
            code(&baseline.function),
            time(baseline.p50),
            code(&function.function),
            time(function.p50),
            words(function.median, "faster", "slower"),
            words(payload.busy.and_then(|cells| rate(cells, index + 1)), "more", "fewer"),
            faster,
        ];
        Row { cells, verdict: function.median, is_ours: job.is_ours(&function.function) }
    };
    others.iter().enumerate().map(row).collect()
}
