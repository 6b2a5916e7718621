//! What is read first: the flagship and its peers in few columns.

use super::Measured;
use super::figures::{rate, time};
use super::payloads::{Payload, latency, payloads};
use super::text::{code, short, table};
use crate::results::{Cell, FunctionResult};
use crate::starts::Starts;
use crate::statistics::{Verdict, digits};
use crate::summary::{Group, group};
use crate::{fastest, headline};

/// A row for each payload: every function's median, and what the hero gains.
pub fn flagship(measured: &Measured) -> String {
    let payloads = payloads(&measured.results);
    let Some((first, hero)) = payloads.first().zip(measured.hero()) else { return String::new() };
    let baseline = code(&first.single[0].function);
    let mut head = vec!["median ms, ".to_owned() + &first.single[0].load.to_string()];
    head.extend(first.single.iter().map(|cell| code(&cell.function)));
    head.push(code(&measured.results.functions[hero].name) + " is");
    if let Some(busy) = first.busy {
        let calls = |cell: &Cell| format!("{} calls/s, {}", code(&cell.function), cell.load);
        head.extend([calls(&busy[0]), calls(&busy[hero]), "calls/s".to_owned()]);
    }
    let row = |payload: &Payload<'_>| {
        let single = group(payload.single)?;
        let mut row = vec![single.payload.clone()];
        row.extend(single.functions.iter().map(|function| time(function.p50)));
        row.push(short(single.functions[hero].median, "faster", "slower"));
        if let Some((cells, busy)) = payload.busy.and_then(|cells| Some((cells, group(cells)?))) {
            row.extend([digits(busy.functions[0].rate), digits(busy.functions[hero].rate)]);
            row.push(short(rate(cells, hero), "more", "fewer"));
        }
        Some(row)
    };
    let rows: Vec<Vec<String>> = payloads.iter().filter_map(row).collect();
    format!("{}, against {baseline}:\n\n{}", measured.results.title, table(&head, 1, &rows))
}

/// What the hero gains, in a sentence.
pub fn answer(measured: &Measured) -> Option<String> {
    let payloads = payloads(&measured.results);
    let groups: Vec<Group> = payloads.iter().filter_map(|payload| group(payload.single)).collect();
    let sentences = headline::sentences(&groups, &[], "");
    let load = groups.first()?.load.to_string();
    // It is the same everywhere.
    let said = sentences.get(measured.hero()?.checked_sub(1)?)?.first()?.replace(&format!(", {load}"), "");
    Some(format!("Called {load}, {said}"))
}

/// A row for each function: its medians, and how many times as long it takes as the hero.
pub fn peers(measured: &Measured) -> String {
    let payloads = payloads(&measured.results);
    let Some((first, hero)) = payloads.first().zip(measured.hero()) else { return String::new() };
    let name = code(&measured.results.functions[hero].name);
    let starts = Starts::all(&measured.results);
    let mut head = vec![format!("median ms, {}", first.single[0].load)];
    head.extend(payloads.iter().map(|payload| payload.single[0].payload.clone()));
    head.extend((!starts.is_empty()).then(|| "cold start, ms".to_owned()));
    let row = |(index, function): (usize, &FunctionResult)| {
        let mut row = vec![code(&function.name)];
        row.extend(payloads.iter().map(|payload| {
            let cell = &payload.single[index];
            let median = time(group(payload.single).and_then(|group| group.functions[index].p50));
            let against = (index != hero).then(|| latency(cell, &payload.single[hero])).flatten();
            median + &times(against)
        }));
        let start = starts.iter().find(|start| start.function == index);
        row.extend((!starts.is_empty()).then(|| time(start.map(|start| start.median))));
        row
    };
    let rows: Vec<Vec<String>> = measured.results.functions.iter().enumerate().map(row).collect();
    format!(
        "{} In brackets: how many times as long as {name} it takes, `=` where the two are not distinguishable.\n\n{}",
        fastest::sentence(&measured.results),
        table(&head, 1, &rows)
    )
}

fn times(verdict: Option<Verdict>) -> String {
    match verdict {
        Some(Verdict::Less(ratio) | Verdict::More(ratio)) => format!(" ({}x)", digits(ratio.median)),
        Some(Verdict::NotDistinguishable(_)) => " (=)".to_owned(),
        Some(Verdict::TooFewRounds) => " (?)".to_owned(),
        None => String::new(),
    }
}
