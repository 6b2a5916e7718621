//! What a report says of other programs that ran on the machine.

use crate::machine_load::LIMIT;
use crate::results::{Results, Round};

/// The rounds of one payload under one load, of every function.
struct Group<'a>(Vec<&'a [Round]>);

impl Group<'_> {
    /// Of each round that other programs disturbed the greatest share that they took while a function was measured.
    fn disturbed(&self) -> Vec<f64> {
        let rounds = self.0.first().map_or(0, |rounds| rounds.len());
        let of = |number: usize| self.0.iter().filter_map(move |rounds| rounds.get(number));
        let share = |number: usize| of(number).filter_map(|round| round.others_share).fold(0.0, f64::max);
        (0..rounds).filter(|&number| of(number).any(|round| round.disturbed)).map(share).collect()
    }
}

/// The rounds that count and those that were left out, of each payload under each load and of the neighbour alone.
fn groups(results: &Results) -> Vec<[Group<'_>; 2]> {
    let mut groups: Vec<[Group<'_>; 2]> = Vec::new();
    for cells in results.groups() {
        let counted = cells.iter().map(|cell| &cell.rounds[..]).collect();
        groups.push([Group(counted), Group(cells.iter().map(|cell| &cell.left_out[..]).collect())]);
    }
    let alone = || results.functions.iter().filter_map(|function| function.neighbour_alone.as_ref());
    if alone().next().is_some() {
        let counted = alone().map(|alone| &alone.rounds[..]).collect();
        groups.push([Group(counted), Group(alone().map(|alone| &alone.left_out[..]).collect())]);
    }
    groups
}

/// A sentence where other programs disturbed some of the rounds.
pub fn sentence(results: &Results) -> Option<String> {
    let groups = groups(results);
    let shares = |place: usize| groups.iter().flat_map(|group| group[place].disturbed()).collect::<Vec<f64>>();
    let (kept, left_out) = (shares(0), shares(1).len());
    let rounds: usize = groups.iter().map(|[counted, _]| counted.0.first().map_or(0, |rounds| rounds.len())).sum();
    let each = if groups.len() > 1 { ", those of each payload and load counted apart" } else { "" };
    if kept.is_empty() {
        let limit = LIMIT * 100.0;
        return (left_out > 0).then(|| {
            format!(
                "Other programs took more than {limit:.0} % of the machine in {}{each}: left out of all figures, and measured \
                again.",
                many(left_out)
            )
        });
    }
    let more = if left_out > 0 { format!(", and in {left_out} more that are left out") } else { String::new() };
    let taken = percent(&kept);
    Some(format!(
        "Other programs took {taken} % of the machine in {} of {}{more}{each}: the figures may be off.",
        kept.len(),
        many(rounds)
    ))
}

fn many(rounds: usize) -> String {
    if rounds == 1 { "1 round".to_owned() } else { format!("{rounds} rounds") }
}

/// From the least to the greatest share.
fn percent(shares: &[f64]) -> String {
    let least = shares.iter().copied().fold(f64::INFINITY, f64::min);
    let most = shares.iter().copied().fold(0.0, f64::max);
    let [least, most] = [least, most].map(|share| format!("{:.0}", share * 100.0));
    if least == most { most } else { format!("{least} to {most}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{self, cell};
    use crate::results::Cell;

    fn rounds(shares: &[f64]) -> Vec<Round> {
        let round =
            |share: &f64| Round { others_share: Some(*share), disturbed: *share > LIMIT, ..fixture::round(&[1]) };
        shares.iter().map(round).collect()
    }

    /// Two functions with one payload, the first of which met the others.
    fn said(counted: &[f64], left_out: &[f64]) -> Option<String> {
        let disturbed = Cell { rounds: rounds(counted), left_out: rounds(left_out), ..cell("base", "p", 1) };
        let mut other = disturbed.clone();
        let all = other.rounds.iter_mut().chain(&mut other.left_out);
        all.for_each(|round| round.others_share = Some(0.01));
        sentence(&fixture::results(vec![disturbed, other]))
    }

    #[test]
    fn a_calm_run_needs_no_words() {
        assert_eq!(said(&[0.0, 0.05, 0.1], &[]), None);
        assert_eq!(sentence(&fixture::results(vec![cell("base", "p", 1), cell("other", "p", 1)])), None);
        assert_eq!(sentence(&fixture::results(Vec::new())), None);
    }

    #[test]
    fn disturbed_rounds_that_count_are_said_with_the_share() {
        let words = said(&[0.34, 0.0, 0.344, 0.01], &[]).unwrap();
        assert_eq!(words, "Other programs took 34 % of the machine in 2 of 4 rounds: the figures may be off.");
        let words = said(&[0.125, 0.0, 0.9], &[0.95]).unwrap();
        let expected = "Other programs took 12 to 90 % of the machine in 2 of 3 rounds, and in 1 more that are left out: \
                        the figures may be off.";
        assert_eq!(words, expected);
    }

    #[test]
    fn what_is_left_out_is_said_too() {
        let words = said(&[0.0, 0.0], &[0.5]).unwrap();
        let expected = "Other programs took more than 10 % of the machine in 1 round: left out of all figures, and \
                        measured again.";
        assert_eq!(words, expected);
    }

    #[test]
    fn the_rounds_of_all_payloads_count() {
        let calm = Cell { rounds: rounds(&[0.0, 0.0]), ..cell("base", "p", 1) };
        let met = Cell { rounds: rounds(&[0.0, 0.5]), ..cell("base", "q", 1) };
        let words = sentence(&fixture::results(vec![calm, met])).unwrap();
        let expected = "Other programs took 50 % of the machine in 1 of 4 rounds, those of each payload and load counted \
                        apart: the figures may be off.";
        assert_eq!(words, expected);
    }
}
