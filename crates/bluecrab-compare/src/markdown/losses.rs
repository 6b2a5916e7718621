//! Where one of ours is not faster, and the reason for it, which a file gives. A loss is what the verdict says; a reason alone
//! is none.

use super::figures::time;
use super::payloads::{latency, time_a_call};
use super::text::code;
use super::{Bench, Measured};
use crate::results::Cell;
use crate::scenario::Load;
use crate::statistics::Verdict;
use crate::summary::Summary;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::Path;

/// Reasons in plain words.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasons {
    #[serde(default)]
    reasons: Vec<Reason>,
}

/// Why a function is not faster. What is left out fits everything.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    scenario: String,
    function: Option<String>,
    against: Option<String>,
    payloads: Option<Vec<String>>,
    load: Option<String>,
    words: String,
}

/// What stands where no reason is known.
const UNKNOWN: &str = "Not explained.";

impl Reasons {
    /// Reads a file of them.
    ///
    /// # Errors
    /// Where it cannot be read, or is none.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        toml::from_str(&text).with_context(|| format!("{} does not hold reasons", file.display()))
    }

    /// The first one that fits.
    fn of(&self, loss: &Loss<'_>) -> Option<&str> {
        let fits = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        let reason = self.reasons.iter().find(|reason| {
            reason.scenario == loss.scenario
                && fits(&reason.function, &loss.one.function)
                && fits(&reason.against, &loss.other.function)
                && fits(&reason.load, &loss.one.load.to_string())
                && reason.payloads.as_ref().is_none_or(|payloads| payloads.contains(&loss.one.payload))
        });
        reason.map(|reason| reason.words.as_str())
    }
}

/// One of ours that is not faster than another.
struct Loss<'a> {
    scenario: &'a str,
    one: &'a Cell,
    other: &'a Cell,
    verdict: Verdict,
    /// Of the calls a second, not of the latency.
    is_rate: bool,
}

/// Whether calls do not wait for one another.
fn single(cell: &Cell) -> bool {
    matches!(cell.load, Load::Closed(1))
}

impl Loss<'_> {
    /// What is not faster, where, and what its server says of it.
    fn place(&self) -> String {
        let load = if single(self.one) { self.account() } else { format!(", {}", self.one.load) };
        // A job's functions may be called as another's.
        let job = self.scenario.rsplit_once('/').map_or(String::new(), |(_, job)| format!("{job}: "));
        format!("{job}{}, {}{load}", code(&self.one.function), self.one.payload)
    }

    /// Against what, and by how much.
    fn verdict(&self) -> String {
        let word = if matches!(self.verdict, Verdict::More(_)) { "than" } else { "from" };
        let (better, worse) = if self.is_rate { ("more calls/s", "fewer calls/s") } else { ("faster", "slower") };
        format!("{} {word} {}", self.verdict.short(better, worse), code(&self.other.function))
    }

    /// What of the call is the way to a thread and back, and what the work.
    fn account(&self) -> String {
        let stage = |name: &str| self.one.stages.iter().find(|stage| stage.name == name)?.durations.median();
        let (Some(queue), Some(compute)) = (stage("queue"), stage("compute")) else { return String::new() };
        let whole = Summary::of(self.one, None).p50;
        format!(" ({} ms: queue {}, compute {})", time(whole), time(Some(queue)), time(Some(compute)))
    }
}

/// A place with its verdicts.
type Case = (String, Vec<String>);

/// All that is not faster, by reason; one that is not known first.
pub fn section(all: &[&Measured], reasons: &Reasons) -> String {
    let mut bullets: Vec<(Option<&str>, Vec<Case>)> = Vec::new();
    for loss in all.iter().flat_map(|measured| losses(measured)) {
        let cases = entry(&mut bullets, reasons.of(&loss));
        entry(cases, loss.place()).push(loss.verdict());
    }
    bullets.sort_by_key(|(reason, _)| reason.is_some());
    let case = |(place, verdicts): &Case| format!("  - {place}: {}\n", verdicts.join(", "));
    let bullet = |(reason, cases): &(Option<&str>, Vec<Case>)| {
        format!("- {}\n{}", reason.unwrap_or(UNKNOWN), cases.iter().map(case).collect::<String>())
    };
    bullets.iter().map(bullet).collect()
}

/// The list of a key, which is put at the end where it is new.
fn entry<K: PartialEq, V>(all: &mut Vec<(K, Vec<V>)>, key: K) -> &mut Vec<V> {
    let place = all.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
        all.push((key, Vec::new()));
        all.len() - 1
    });
    &mut all[place].1
}

/// What is not faster for no reason that is known, a line each.
pub fn unexplained(bench: &Bench) -> Vec<String> {
    let losses = bench.each().flat_map(losses).filter(|loss| bench.reasons.of(loss).is_none());
    losses.map(|loss| format!("{}, {}: {}", loss.scenario, loss.place(), loss.verdict()).replace('`', "")).collect()
}

/// What is slower than another under any load, or answers fewer calls, and what does not differ from the baseline where
/// calls do not wait.
fn losses(measured: &Measured) -> Vec<Loss<'_>> {
    let Some(baseline) = measured.results.functions.first().map(|function| &function.name) else { return Vec::new() };
    let mut losses = Vec::new();
    for cells in measured.results.groups() {
        let (ours, others): (Vec<&Cell>, Vec<&Cell>) = cells.iter().partition(|cell| measured.is_ours(&cell.function));
        for one in ours {
            losses.extend(others.iter().filter_map(|other| {
                let (verdict, is_rate) = worse(one, other)?;
                let counts = match verdict {
                    Verdict::More(_) => true,
                    Verdict::NotDistinguishable(_) => single(one) && other.function == *baseline,
                    Verdict::Less(_) | Verdict::TooFewRounds => false,
                };
                counts.then_some(Loss { scenario: &measured.name, one, other, verdict, is_rate })
            }));
        }
    }
    losses
}

/// The verdict on the latency, or where that is no loss and callers wait for one another, on the time a call takes of all
/// of them; with whether it is the latter.
fn worse(one: &Cell, other: &Cell) -> Option<(Verdict, bool)> {
    let latency = latency(one, other)?;
    let rate = time_a_call(one, other);
    let is_rate = !matches!(latency, Verdict::More(_)) && matches!(one.load, Load::Closed(2..));
    Some(if is_rate && matches!(rate, Verdict::More(_)) { (rate, true) } else { (latency, false) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_that_is_misspelt_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("reasons.toml");
        std::fs::write(&file, "[[reasons]]\nscenario = \"a\"\nwords = \"b\"\nfunctoin = \"c\"\n").unwrap();
        let error = format!("{:#}", Reasons::read(&file).unwrap_err());
        assert!(error.contains("reasons.toml") && error.contains("functoin"), "{error}");
    }
}
