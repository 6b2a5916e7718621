//! The suite of jobs: each job's package against its crate, in one table.

use super::Measured;
use super::figures::{PROCESS, process_rows, rate, time, words};
use super::payloads::{Payload, payloads};
use super::text::{code, short, table};
use crate::statistics::Verdict;
use crate::summary::{Group, Summary, group};

/// A row for each job and payload, of the job's own package and ours; empty without jobs.
pub fn brief(jobs: &[Measured]) -> String {
    let rows: Vec<Vec<String>> = jobs.iter().flat_map(brief_rows).collect();
    let head = ["job", "payload", "JavaScript", "ms", "Rust", "ms", "latency", "calls/s, most at once"];
    if rows.is_empty() { String::new() } else { table(&head.map(str::to_owned), 3, &rows) }
}

fn brief_rows(job: &Measured) -> Vec<Vec<String>> {
    let title = job.results.title.split(':').next().unwrap_or_default();
    let rows = payloads(&job.results).into_iter().enumerate().filter_map(|(index, payload)| {
        let title = if index == 0 { title } else { "" };
        let (hero, single) = (job.hero()?, group(payload.single)?);
        let [baseline, ours] = [&single.functions[0], &single.functions[hero]];
        let names = [title, &single.payload].map(str::to_owned);
        let medians = [baseline, ours].into_iter().flat_map(|one| [code(&one.function), time(one.p50)]);
        let latency = short(ours.median, "faster", "slower");
        let rate = short(payload.busy.and_then(|cells| rate(cells, hero)), "more", "fewer");
        Some(names.into_iter().chain(medians).chain([latency, rate]).collect())
    });
    rows.collect()
}

/// All figures; empty without jobs.
pub fn details(jobs: &[Measured]) -> String {
    let rows: Vec<Vec<String>> = jobs.iter().flat_map(rows_of).map(|row| row.cells).collect();
    if rows.is_empty() {
        return String::new();
    }
    let head = ["job", "payload", "baseline", "p50", "function", "p50", "latency", "calls/s, most at once", "faster"];
    let parts = [table(&head.map(str::to_owned), 3, &rows), starts(jobs)];
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

/// How often ours wins, in a sentence; empty without jobs.
pub fn tally(jobs: &[Measured]) -> String {
    let rows: Vec<Row> = jobs.iter().flat_map(rows_of).filter(|row| row.is_ours).collect();
    if rows.is_empty() {
        return String::new();
    }
    let count =
        |is: fn(&Verdict) -> bool| rows.iter().filter_map(|row| row.verdict.as_ref()).filter(|it| is(it)).count();
    format!(
        "Of {} pairs of a job and a payload Bluecrab's function is faster than the JavaScript in {}, slower in {}, and not \
        distinguishable in {}.\n",
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
