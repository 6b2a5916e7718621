//! Contenders that take turns, so that a slow moment of the machine meets them all.

use crate::figures::measured::milliseconds;
use crate::figures::spread::Spread;
use anyhow::Result;
use std::time::Duration;

/// How often each contender is called.
pub struct Turns {
    /// The rounds before those that count.
    pub warm_up: usize,
    /// The rounds that count.
    pub rounds: usize,
    /// Each contender's calls in a round, one after the other: the first one meets what the contender before has left
    /// behind, garbage that is still being collected for one, and their median does not.
    pub calls: usize,
}

/// Milliseconds of each contender, a sample a round: the median of its calls.
pub struct Samples<const CONTENDERS: usize> {
    pub warm_up: [Vec<f64>; CONTENDERS],
    pub measured: [Vec<f64>; CONTENDERS],
}

impl Turns {
    /// Takes all rounds; `call` calls a contender, by its number, and gives how long that took.
    pub async fn take<const CONTENDERS: usize>(
        &self,
        mut call: impl AsyncFnMut(usize) -> Result<Duration>,
    ) -> Result<Samples<CONTENDERS>> {
        let none = [const { Vec::new() }; CONTENDERS];
        let mut samples = Samples { warm_up: none.clone(), measured: none };
        for round in 0..self.warm_up + self.rounds {
            let counted = if round < self.warm_up { &mut samples.warm_up } else { &mut samples.measured };
            for (contender, counted) in counted.iter_mut().enumerate() {
                let mut latencies = Vec::new();
                for _ in 0..self.calls {
                    latencies.push(milliseconds(call(contender).await?));
                }
                counted.extend(Spread::of(&latencies).map(|spread| spread.median));
            }
        }
        Ok(samples)
    }
}
