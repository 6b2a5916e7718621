//! The pool of worker threads: what it leaves of the event loop, what a second thread brings, what a call on it costs.

mod event_loop;
mod latency;
mod stages;
mod throughput;

use super::measured::Measured;
use anyhow::Result;
use bluecrab_compare::machine_load::{self, Reading};
use std::path::PathBuf;

/// What is needed to measure.
#[derive(Debug, Clone)]
pub struct Files {
    /// The `bluecrab` command.
    pub bluecrab: PathBuf,
    /// The flagship app, built.
    pub app: PathBuf,
    /// The app that moves bytes and that counts primes, built.
    pub echo: PathBuf,
}

/// The seed of all matrices.
const SEED: u64 = 2019;
/// The calls that are under way at once where the pool is to be busy.
const CONCURRENCY: usize = 8;

/// So many rounds are tried for each that is wanted.
const TRIES: usize = 4;

/// Counts rounds until there are enough at rest, or too many have been tried: the aims are for a machine at rest.
struct Rounds {
    what: &'static str,
    wanted: usize,
    at_rest: usize,
    tried: usize,
}

impl Rounds {
    fn new(what: &'static str, wanted: usize) -> Self {
        Self { what, wanted, at_rest: 0, tried: 0 }
    }

    /// Whether there is another one to come.
    fn next(&mut self) -> bool {
        let goes_on = self.at_rest < self.wanted && self.tried < self.wanted * TRIES;
        if goes_on {
            self.tried += 1;
            eprintln!("{}: {} of {} rounds", self.what, self.at_rest, self.wanted);
        }
        goes_on
    }

    /// Whether a round counts that other programs disturbed or not. The first is warm-up.
    fn counts(&mut self, disturbed: bool) -> bool {
        let counts = self.tried > 1 && !disturbed;
        self.at_rest += usize::from(counts);
        counts
    }

    /// How many rounds were tried and did not count.
    fn note(&self) -> String {
        format!(
            "{}: {} rounds, {} more left out, in which other programs took over {:.0} % of the processors.",
            self.what,
            self.at_rest,
            self.tried - self.at_rest - 1,
            machine_load::LIMIT * 100.0
        )
    }
}

/// What this process and all that it has started, and other programs, have used of the machine.
fn reading() -> Option<Reading> {
    Reading::now(std::process::id())
}

/// Whether other programs took much of the machine since a reading; not where that is not known.
fn is_disturbed(before: Option<Reading>) -> bool {
    let others = before.zip(reading()).and_then(|(before, after)| after.others_since(&before));
    others.is_some_and(|others| others.disturb)
}

/// Measures one after another, each with its contenders in turn.
pub async fn measure(files: &Files, quick: bool) -> Result<Measured> {
    let mut pool = Measured::new("the pool of worker threads, over HTTP");
    event_loop::measure(files, quick, &mut pool).await?;
    throughput::measure(files, quick, &mut pool).await?;
    latency::measure(files, quick, &mut pool).await?;
    Ok(pool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_on_a_busy_machine_do_not_count() {
        let mut rounds = Rounds::new("a test", 2);
        let mut counted = Vec::new();
        for disturbed in [false, true, false, false, false] {
            if rounds.next() {
                counted.push(rounds.counts(disturbed));
            }
        }
        assert_eq!(counted, [false, false, true, true]);
        assert!(rounds.note().contains("2 rounds, 1 more left out"), "{}", rounds.note());
        let mut rounds = Rounds::new("a test", 2);
        while rounds.next() {
            rounds.counts(true);
        }
        assert_eq!((rounds.tried, rounds.at_rest), (8, 0));
    }
}
