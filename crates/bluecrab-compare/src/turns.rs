//! Which rounds count: those in which other programs took little of the machine, of all functions alike.

use crate::results::{Round, Sifted};

/// How many rounds are added at most in place of disturbed ones: half as many again.
pub const fn most_extra(rounds: usize) -> usize {
    rounds.div_ceil(2)
}

/// The rounds of one payload under one load; in each round all functions have their turn, in a fixed order here.
#[derive(Default)]
pub struct Turns(Vec<Vec<Round>>);

impl Turns {
    /// Adds a round of every function. Since they are compared round by round, what disturbed one of them disturbed all.
    pub fn push(&mut self, mut turn: Vec<Round>) {
        let disturbed = turn.iter().any(|round| round.disturbed);
        turn.iter_mut().for_each(|round| round.disturbed = disturbed);
        self.0.push(turn);
    }

    /// How many were not disturbed.
    pub fn calm(&self) -> usize {
        self.0.iter().filter(|turn| !is_disturbed(turn)).count()
    }

    /// The rounds of each function. Those that were not disturbed count; where they are fewer than wanted, the least
    /// disturbed ones fill up their number.
    pub fn sift(self, wanted: usize) -> Vec<Sifted> {
        let mut disturbed: Vec<usize> = (0..self.0.len()).filter(|&turn| is_disturbed(&self.0[turn])).collect();
        disturbed.sort_by(|&one, &two| most_of_others(&self.0[one]).total_cmp(&most_of_others(&self.0[two])));
        let kept = wanted.saturating_sub(self.calm()).min(disturbed.len());
        let left_out = disturbed.split_off(kept);
        let mut functions: Vec<Sifted> = Vec::new();
        for (place, turn) in self.0.into_iter().enumerate() {
            functions.resize_with(turn.len(), Sifted::default);
            for (function, round) in functions.iter_mut().zip(turn) {
                let left_out = left_out.contains(&place);
                if left_out { &mut function.left_out } else { &mut function.rounds }.push(round);
            }
        }
        functions
    }
}

fn is_disturbed(turn: &[Round]) -> bool {
    turn.iter().any(|round| round.disturbed)
}

fn most_of_others(turn: &[Round]) -> f64 {
    turn.iter().filter_map(|round| round.others_share).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::machine_load::LIMIT;

    /// Of each turn the shares of others while each function was measured.
    fn turns(shares: &[[f64; 2]]) -> Turns {
        let mut turns = Turns::default();
        for (number, shares) in shares.iter().enumerate() {
            let round = |share: f64| Round {
                number: Some(number),
                others_share: Some(share),
                disturbed: share > LIMIT,
                ..fixture::round(&[1])
            };
            turns.push(shares.map(round).to_vec());
        }
        turns
    }

    /// The numbers of the rounds that count, and of those that do not, of each function.
    fn numbers(turns: Turns, wanted: usize) -> Vec<[Vec<usize>; 2]> {
        let numbers = |rounds: &[Round]| rounds.iter().filter_map(|round| round.number).collect::<Vec<_>>();
        turns.sift(wanted).iter().map(|one| [numbers(&one.rounds), numbers(&one.left_out)]).collect()
    }

    #[test]
    fn what_disturbs_one_function_takes_the_round_from_all() {
        let turns = turns(&[[0.0, 0.02], [0.01, 0.5], [0.3, 0.0], [0.0, 0.0], [0.1, 0.0]]);
        assert_eq!(turns.calm(), 3);
        let one = [vec![0, 3, 4], vec![1, 2]];
        assert_eq!(numbers(turns, 3), [one.clone(), one]);
    }

    #[test]
    fn the_least_disturbed_fill_up_and_keep_their_order() {
        let shares = [[0.9, 0.0], [0.0, 0.0], [0.2, 0.2], [0.0, 0.15], [0.4, 0.0]];
        let one = [vec![1, 2, 3], vec![0, 4]];
        assert_eq!(numbers(turns(&shares), 3), [one.clone(), one]);
        let all = [vec![0, 1, 2, 3, 4], vec![]];
        assert_eq!(numbers(turns(&shares), 6), [all.clone(), all]);
        assert!(Turns::default().sift(3).is_empty());
    }

    #[test]
    fn every_round_of_a_disturbed_turn_has_the_mark() {
        let sifted = turns(&[[0.0, 0.5], [0.0, 0.0]]).sift(2);
        let marks: Vec<Vec<bool>> =
            sifted.iter().map(|one| one.rounds.iter().map(|round| round.disturbed).collect()).collect();
        assert_eq!(marks, [[true, false], [true, false]]);
    }

    #[test]
    fn where_nothing_is_known_all_count() {
        let mut turns = Turns::default();
        (0..3).for_each(|_| turns.push(vec![fixture::round(&[1]); 2]));
        assert_eq!(turns.calm(), 3);
        assert!(turns.sift(3).iter().all(|one| one.rounds.len() == 3 && one.left_out.is_empty()));
    }

    #[test]
    fn the_run_ends() {
        assert_eq!([1, 2, 8, 9].map(most_extra), [1, 1, 4, 5]);
    }
}
