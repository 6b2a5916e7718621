//! The pool of worker threads: what it leaves of the event loop, what a second thread brings, what a call on it costs.

mod event_loop;
mod latency;
mod stages;
mod throughput;

use super::measured::Measured;
use anyhow::Result;
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

/// A round in which other programs take more of the processors is repeated: the aims are for a machine at rest.
const MOST_OF_OTHERS: f64 = 0.1;
/// So many rounds are tried for each that is wanted.
const TRIES: usize = 4;

/// Counts rounds until there are enough at rest, or too many have been tried.
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

    /// Whether a round counts in which others took so much of the processors, where that is known. The first is warm-up.
    fn counts(&mut self, others: Option<f64>) -> bool {
        let counts = self.tried > 1 && others.is_none_or(|others| others <= MOST_OF_OTHERS);
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
            MOST_OF_OTHERS * 100.0
        )
    }
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
        for others in [Some(0.0), Some(0.5), Some(0.05), None, Some(0.0)] {
            if rounds.next() {
                counted.push(rounds.counts(others));
            }
        }
        assert_eq!(counted, [false, false, true, true]);
        assert!(rounds.note().contains("2 rounds, 1 more left out"), "{}", rounds.note());
        let mut rounds = Rounds::new("a test", 2);
        while rounds.next() {
            rounds.counts(Some(1.0));
        }
        assert_eq!((rounds.tried, rounds.at_rest), (8, 0));
    }
}
