//! Where one of ours loses, and the reason for it, which a file gives. A loss is what the verdict says; a reason alone is none.

use super::Measured;
use super::payloads::latency;
use super::text::code;
use crate::results::Cell;
use crate::statistics::{Verdict, digits};
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

/// Why a function loses. What is left out fits everything.
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
    fn of(&self, loss: &Loss<'_>) -> &str {
        let fits = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        let reason = self.reasons.iter().find(|reason| {
            reason.scenario == loss.scenario
                && fits(&reason.function, &loss.one.function)
                && fits(&reason.against, &loss.other.function)
                && fits(&reason.load, &loss.one.load.to_string())
                && reason.payloads.as_ref().is_none_or(|payloads| payloads.contains(&loss.one.payload))
        });
        reason.map_or(UNKNOWN, |reason| &reason.words)
    }
}

/// One of ours that is slower than another.
struct Loss<'a> {
    scenario: &'a str,
    one: &'a Cell,
    other: &'a Cell,
    ratio: f64,
}

/// All losses, those with the same reason together.
pub fn section(all: &[Measured], reasons: &Reasons) -> String {
    let mut bullets: Vec<(String, Vec<String>, &str)> = Vec::new();
    for loss in all.iter().flat_map(losses) {
        let pair = format!("{} is slower than {}", code(&loss.one.function), code(&loss.other.function));
        let case = format!("{}, {}: {}x", loss.one.payload, loss.one.load, digits(loss.ratio));
        let reason = reasons.of(&loss);
        match bullets.iter_mut().find(|bullet| bullet.0 == pair && bullet.2 == reason) {
            Some((_, cases, _)) => cases.push(case),
            None => bullets.push((pair, vec![case], reason)),
        }
    }
    let bullet =
        |(pair, cases, reason): &(String, Vec<String>, &str)| format!("- {pair} ({}). {reason}\n", cases.join("; "));
    if bullets.is_empty() {
        return String::new();
    }
    format!("Where Bluecrab is slower:\n\n{}", bullets.iter().map(bullet).collect::<String>())
}

fn losses(measured: &Measured) -> Vec<Loss<'_>> {
    let mut losses = Vec::new();
    for cells in measured.results.groups() {
        let (ours, others): (Vec<&Cell>, Vec<&Cell>) = cells.iter().partition(|cell| measured.is_ours(&cell.function));
        for one in ours {
            losses.extend(others.iter().filter_map(|other| match latency(one, other) {
                Some(Verdict::More(ratio)) => Some(Loss { scenario: &measured.name, one, other, ratio: ratio.median }),
                _ => None,
            }));
        }
    }
    losses
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
