//! The traffic: so many callers, each with one request at a time, drawn at random.

use super::case::{Case, Kind};
use super::{bad, good};
use crate::client::Client;
use crate::samples::Samples;
use anyhow::Result;
use bluecrab_compare::random::Random;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A client that leaves does so after this.
const PATIENCE: Duration = Duration::from_millis(4);
/// So many faults are kept to be shown.
const SHOWN_FAULTS: usize = 10;

/// All requests, by kind.
pub struct Traffic(BTreeMap<Kind, Vec<Case>>);

/// What came of the traffic.
#[derive(Default)]
pub struct Outcome {
    pub kinds: BTreeMap<Kind, OfKind>,
    /// Answers by their status.
    pub statuses: BTreeMap<u16, u64>,
    /// Connections that ended without an answer.
    pub broken: u64,
    /// Answers that were not as expected, and connections without an answer: the first different ones.
    pub faults: Vec<String>,
}

/// What came of the requests of a kind.
#[derive(Default)]
pub struct OfKind {
    pub requests: u64,
    /// Answers that were not as expected.
    pub wrong: u64,
    /// Latencies in the first fifth of the time and in the last.
    pub first: Samples,
    pub last: Samples,
}

impl Traffic {
    /// Calculates the answers.
    pub fn new() -> Result<Self> {
        let mut kinds = BTreeMap::<Kind, Vec<Case>>::new();
        for case in good::cases()?.into_iter().chain(bad::cases()) {
            kinds.entry(case.kind).or_default().push(case);
        }
        Ok(Self(kinds))
    }

    /// How many different requests there are.
    pub fn len(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Sends requests for so long.
    pub async fn run(self: &Arc<Self>, client: &Client, callers: usize, time: Duration, seed: u64) -> Result<Outcome> {
        let started = Instant::now();
        let callers: Vec<_> = (0..callers as u64)
            .map(|caller| {
                let (traffic, client) = (Arc::clone(self), client.clone());
                let mut random = Random(seed << 16 | caller);
                tokio::spawn(async move {
                    let mut outcome = Outcome::default();
                    while started.elapsed() < time {
                        let share = started.elapsed().as_secs_f64() / time.as_secs_f64();
                        outcome.call(&client, traffic.draw(&mut random), share).await;
                    }
                    outcome
                })
            })
            .collect();
        let mut all = Outcome::default();
        for caller in callers {
            all.add(caller.await?);
        }
        Ok(all)
    }

    fn draw(&self, random: &mut Random) -> &Case {
        let mut place = random.below(Kind::SHARES.iter().map(|(_, share)| share).sum());
        let (kind, _) = Kind::SHARES
            .iter()
            .find(|(_, share)| {
                let is_here = place < *share;
                place = place.saturating_sub(*share);
                is_here
            })
            .unwrap_or(&Kind::SHARES[0]);
        let cases = &self.0[kind];
        &cases[random.below(cases.len())]
    }
}

impl Outcome {
    /// Sends a request after so much of the time.
    async fn call(&mut self, client: &Client, case: &Case, share: f64) {
        let headers: Vec<(&str, &str)> = case.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = client.ask(&case.method, &case.path, case.body.as_ref(), &headers);
        let of_kind = self.kinds.entry(case.kind).or_default();
        of_kind.requests += 1;
        if case.kind == Kind::Leaving {
            // No answer counts: the connection ends with the request.
            drop(tokio::time::timeout(PATIENCE, answer).await);
            return;
        }
        let answer = match answer.await {
            Ok(answer) => answer,
            Err(error) => {
                self.broken += 1;
                self.fault(format!("{} {} ({}): no answer: {error:#}", case.method, case.path, case.kind));
                return;
            }
        };
        match share {
            ..0.2 => of_kind.first.push(answer.latency),
            0.8.. => of_kind.last.push(answer.latency),
            _ => {}
        }
        let fault = case.fault(&answer);
        of_kind.wrong += u64::from(fault.is_some());
        *self.statuses.entry(answer.status).or_default() += 1;
        fault.into_iter().for_each(|fault| self.fault(fault));
    }

    fn fault(&mut self, fault: String) {
        if self.faults.len() < SHOWN_FAULTS && !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn add(&mut self, other: Self) {
        for (kind, OfKind { requests, wrong, first, last }) in other.kinds {
            let own = self.kinds.entry(kind).or_default();
            own.requests += requests;
            own.wrong += wrong;
            own.first.extend(first);
            own.last.extend(last);
        }
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.broken += other.broken;
        other.faults.into_iter().for_each(|fault| self.fault(fault));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_drawn_as_often_as_it_should() {
        let traffic = Traffic::new().unwrap();
        let mut random = Random(7);
        let mut drawn = BTreeMap::<Kind, usize>::new();
        for _ in 0..10_000 {
            *drawn.entry(traffic.draw(&mut random).kind).or_default() += 1;
        }
        for (kind, share) in Kind::SHARES {
            let expected = share * 100;
            assert!(drawn[&kind].abs_diff(expected) < expected / 4 + 50, "{kind}: {} of 10000", drawn[&kind]);
        }
    }
}
