//! The rounds, in each of which everything is measured once; disturbed ones are measured again at the end.

use crate::calls::explain;
use crate::fleet::Fleet;
use crate::load;
use crate::pieces::Pieces;
use crate::results::{Cell, Results, Round};
use crate::scenario::{Load, Scenario, Workers};
use crate::turns::{Turns, most_extra};
use anyhow::{Context, Result};
use indicatif::ProgressBar;
use std::path::Path;
use std::time::Instant;

/// How rounds are measured.
pub struct Rounds<'a> {
    pub scenario: &'a Scenario,
    /// The program whose verb `dev` is the host.
    pub bluecrab: &'a Path,
    pub progress: &'a ProgressBar,
    /// When the run began.
    pub origin: Instant,
}

/// What all functions have their turn in, one after the other.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// A payload, by its place, under a load.
    Load(usize, Load),
    /// The neighbour without load.
    NeighbourAlone,
}

impl Rounds<'_> {
    /// Measures all rounds, and again what other programs disturbed.
    pub async fn measure(&self, fleet: &mut Fleet, results: &mut Results) -> Result<()> {
        let wanted = self.scenario.rounds;
        let mut parts: Vec<(Part, Turns)> = self.parts().map(|part| (part, Turns::default())).collect();
        for number in 0..wanted + most_extra(wanted) {
            let is_due = |turns: &Turns| number < wanted || turns.calm() < wanted;
            if parts.iter().all(|(_, turns)| !is_due(turns)) {
                break;
            }
            let fresh = self.scenario.workers == Workers::Fresh && number > 0;
            if number >= wanted {
                let due = parts.iter().filter(|(_, turns)| is_due(turns)).count();
                let warm_ups = if fresh { self.scenario.payloads.len() } else { 0 };
                self.progress.inc_length(((due + warm_ups) * self.scenario.functions.len()) as u64);
            }
            if fresh {
                self.progress.set_message(format!("round {}: starting fresh servers", number + 1));
                fleet.renew(self.scenario, self.bluecrab).await?;
            }
            if fresh || number == 0 {
                self.warm_up(fleet).await?;
            }
            for (part, turns) in parts.iter_mut().filter(|(_, turns)| is_due(turns)) {
                turns.push(self.turn(fleet, *part, number).await?);
            }
        }
        for (part, turns) in parts {
            self.keep(part, turns, fleet, results);
        }
        Ok(())
    }

    /// Calls every function with every payload under every load without measuring.
    async fn warm_up(&self, fleet: &Fleet) -> Result<()> {
        for (payload, calls) in self.scenario.payloads.iter().zip(&fleet.calls) {
            for ((function, server), call) in self.scenario.functions.iter().zip(&fleet.servers).zip(calls) {
                self.progress.set_message(format!("warming up: {}, {}", payload.name, function.name));
                for &load in &self.scenario.loads {
                    let share = self.scenario.warm_up / self.scenario.loads.len() as u32;
                    explain(load::run(call, load, share).await, function, payload, server)?;
                }
                explain(call.settle().await, function, payload, server)?;
                self.progress.inc(1);
            }
        }
        Ok(())
    }

    /// The neighbour alone is the last, when its code has been called before.
    fn parts(&self) -> impl Iterator<Item = Part> {
        let payloads = 0..self.scenario.payloads.len();
        let under_load =
            payloads.flat_map(|payload| self.scenario.loads.iter().map(move |&load| Part::Load(payload, load)));
        under_load.chain(self.scenario.neighbour.iter().map(|_| Part::NeighbourAlone))
    }

    /// A round of every function, in the functions' order, whatever the order in which they had their turn.
    async fn turn(&self, fleet: &Fleet, part: Part, number: usize) -> Result<Vec<Round>> {
        let functions = &self.scenario.functions;
        let mut turn: Vec<Option<Round>> = vec![None; functions.len()];
        for index in order(number, functions.len()) {
            let round = self.piece(fleet, part, number, index).await?;
            turn[index] = Some(Round { number: Some(number), ..round });
            self.progress.inc(1);
        }
        Ok(turn.into_iter().flatten().collect())
    }

    async fn piece(&self, fleet: &Fleet, part: Part, number: usize, index: usize) -> Result<Round> {
        let (function, server) = (&self.scenario.functions[index], &fleet.servers[index]);
        let client = fleet.is_ours().then(std::process::id);
        let pieces = Pieces { scenario: self.scenario, origin: self.origin, client };
        let place = match self.scenario.rounds {
            rounds if number < rounds => format!("round {} of {rounds}", number + 1),
            _ => format!("round {} in place of a disturbed one", number + 1),
        };
        let message = |what: String| self.progress.set_message(format!("{place}: {what}, {}", function.name));
        match (part, &self.scenario.neighbour) {
            (Part::Load(payload, load), _) => {
                let (payload, calls) = (&self.scenario.payloads[payload], &fleet.calls[payload]);
                message(format!("{}, {load}", payload.name));
                explain(pieces.under_load(server, &calls[index], load).await, function, payload, server)
            }
            (Part::NeighbourAlone, Some(neighbour)) => {
                message("the neighbour alone".to_owned());
                let alone = pieces.neighbour_alone(server, neighbour).await;
                alone.with_context(|| format!("beside {}, which was not called", function.name))
            }
            (Part::NeighbourAlone, None) => anyhow::bail!("the scenario has no neighbour"),
        }
    }

    /// Puts what was measured into the results.
    fn keep(&self, part: Part, turns: Turns, fleet: &Fleet, results: &mut Results) {
        let sifted = turns.sift(self.scenario.rounds);
        let Part::Load(payload, load) = part else {
            for (function, sifted) in results.functions.iter_mut().zip(sifted) {
                function.neighbour_alone = Some(sifted);
            }
            return;
        };
        let (payload, calls) = (&self.scenario.payloads[payload], &fleet.calls[payload]);
        let functions = self.scenario.functions.iter().zip(calls).zip(sifted);
        results.cells.extend(functions.map(|((function, checked), sifted)| Cell {
            function: function.name.clone(),
            payload: payload.name.clone(),
            size: payload.size,
            load,
            bytes_in: payload.of(&function.name).map_or(0, |body| body.bytes.len()),
            bytes_out: checked.first.len(),
            rounds: sifted.rounds,
            left_out: sifted.left_out,
            stages: Vec::new(),
        }));
    }
}

/// The functions in the order of a round. Another one begins each round, and every other round goes backwards, so that none
/// always follows the same one.
fn order(round: usize, functions: usize) -> impl Iterator<Item = usize> {
    (0..functions).map(move |turn| (round + if round.is_multiple_of(2) { turn } else { functions - turn }) % functions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_function_follows_different_ones_and_begins_in_its_turn() {
        for functions in 3..9 {
            let rounds: Vec<Vec<usize>> = (0..8).map(|round| order(round, functions).collect()).collect();
            for function in 0..functions {
                assert!(rounds.iter().all(|round| round.contains(&function)), "{rounds:?}");
                let pairs = rounds.iter().flat_map(|round| round.windows(2)).filter(|pair| pair[1] == function);
                let before: HashSet<usize> = pairs.map(|pair| pair[0]).collect();
                assert!(before.len() >= 2, "{function} of {functions} follows {before:?} only");
            }
            let first: HashSet<usize> = rounds.iter().map(|round| round[0]).collect();
            assert_eq!(first.len(), functions.min(8));
        }
    }
}
