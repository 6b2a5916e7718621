//! Where a call's time goes, from the server's own account.

use super::super::svg::{Part, Stack, escape, stacks};
use super::Figure;
use crate::results::{Cell, Results};
use crate::summary::Summary;
use crate::terminal::milliseconds;

/// What is not in the server's account.
const OUTSIDE: &str = "outside the function";
/// How many colours the style has for stages.
const COLOURS: usize = 8;

/// The medians of one function's stages with one payload.
struct Account<'a> {
    function: &'a str,
    payload: &'a str,
    /// The client's median, in seconds.
    whole: f64,
    /// Names and seconds; the last is what is outside.
    stages: Vec<(String, f64)>,
}

impl<'a> Account<'a> {
    fn of(cell: &'a Cell) -> Option<Self> {
        let whole = Summary::of(cell, None).p50?;
        let medians: Vec<(&str, f64)> =
            cell.stages.iter().filter_map(|stage| Some((stage.name.as_str(), stage.durations.median()?))).collect();
        let mut stages: Vec<(String, f64)> = Vec::new();
        for (name, seconds) in medians.iter().filter(|(name, _)| !name.contains('.')) {
            let prefix = format!("{name}.");
            let parts = medians.iter().filter_map(|(part, seconds)| Some((part.strip_prefix(&prefix)?, *seconds)));
            let within: f64 = parts.clone().map(|(_, seconds)| seconds).sum();
            let before = stages.len();
            stages.extend(parts.map(|(part, seconds)| (part.to_owned(), seconds)));
            let rest = if stages.len() > before { format!("rest of {name}") } else { (*name).to_owned() };
            stages.push((rest, (seconds - within).max(0.0)));
        }
        let inside: f64 = stages.iter().map(|(_, seconds)| seconds).sum();
        if stages.is_empty() {
            return None;
        }
        stages.push((OUTSIDE.to_owned(), (whole - inside).max(0.0)));
        Some(Self { function: &cell.function, payload: &cell.payload, whole, stages })
    }

    /// The median call, or all stages where these are longer: they are measured in calls of their own.
    fn sum(&self) -> f64 {
        self.stages.iter().map(|(_, seconds)| seconds).sum()
    }

    fn stack(&self, names: &[String]) -> Stack {
        let whole = self.sum();
        let parts = self.stages.iter().map(|(name, seconds)| Part {
            colour: place(names, name),
            share: if whole > 0.0 { seconds / whole } else { 0.0 },
            name: name.clone(),
        });
        let text = format!("{} ms", milliseconds(self.whole));
        Stack { name: self.function.to_owned(), parts: parts.collect(), text }
    }

    fn words(&self) -> String {
        let longest = self.stages.iter().max_by(|one, two| one.1.total_cmp(&two.1));
        let (name, seconds) = longest.map_or((OUTSIDE, 0.0), |(name, seconds)| (name.as_str(), *seconds));
        let share = 100.0 * seconds / self.sum().max(f64::MIN_POSITIVE);
        format!(
            "{}, {}: the largest part is {name}, {} ms or {share:.0} %.",
            self.payload,
            self.function,
            milliseconds(seconds)
        )
    }
}

/// The class of a stage's colour; what is outside has none.
fn place(names: &[String], name: &str) -> usize {
    names.iter().position(|other| other == name).map_or(COLOURS, |place| place % COLOURS)
}

/// The accounts of each payload under its first load, in which nothing waits for other calls.
fn accounts(results: &Results) -> Vec<Account<'_>> {
    let mut accounts: Vec<Account> = Vec::new();
    for account in results.cells.iter().filter_map(Account::of) {
        if !accounts.iter().any(|other| other.function == account.function && other.payload == account.payload) {
            accounts.push(account);
        }
    }
    accounts
}

fn names(accounts: &[Account]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in accounts.iter().flat_map(|account| &account.stages) {
        if name != OUTSIDE && !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// A bar for each function and payload, as long as the call.
pub fn stages(results: &Results) -> Vec<Figure> {
    let accounts = accounts(results);
    if accounts.is_empty() {
        return Vec::new();
    }
    let names = names(&accounts);
    let groups: Vec<(String, Vec<Stack>)> = accounts
        .chunk_by(|one, two| one.payload == two.payload)
        .map(|some| (some[0].payload.to_owned(), some.iter().map(|account| account.stack(&names)).collect()))
        .collect();
    let item = |name: &str| format!("<span class=\"t{}\">{}</span>", place(&names, name), escape(name));
    let key = names.iter().map(String::as_str).chain([OUTSIDE]).map(item);
    let heading = "The parts of a call".to_owned();
    let description: Vec<String> = accounts.iter().map(Account::words).collect();
    // Those of the last payload, which in a sweep is the largest, are enough beside the table.
    let last = accounts.last().map_or("", |account| account.payload);
    let words = accounts.iter().filter(|account| account.payload == last).map(Account::words).collect();
    let svg = stacks(&heading, &description.join(" "), &groups);
    vec![Figure { heading, key: super::super::list("key", key), svg, words }]
}

/// The same in numbers: a head and rows.
pub fn table(results: &Results) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let accounts = accounts(results);
    let names = names(&accounts);
    let row = |account: &Account| {
        let of = |name: &str| account.stages.iter().find(|(other, _)| other == name).map(|(_, seconds)| *seconds);
        let times = names.iter().map(String::as_str).chain([OUTSIDE]).map(of);
        let times = times.map(|time| time.map_or("-".to_owned(), milliseconds));
        let place = [account.payload.to_owned(), account.function.to_owned(), milliseconds(account.whole)];
        place.into_iter().chain(times).collect()
    };
    let head = ["payload", "function", "p50"]
        .map(str::to_owned)
        .into_iter()
        .chain(names.iter().cloned())
        .chain([OUTSIDE.to_owned()]);
    (!accounts.is_empty()).then(|| (head.collect(), accounts.iter().map(row).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::cell;
    use crate::results::Stage;

    fn stage(name: &str, micros: u64) -> Stage {
        Stage { name: name.to_owned(), durations: crate::fixture::latencies(&[micros]) }
    }

    fn rounded(account: &Account) -> Vec<(String, f64)> {
        account.stages.iter().map(|(name, seconds)| (name.clone(), (seconds * 1e4).round() / 10.0)).collect()
    }

    #[test]
    fn parts_stand_in_their_stage_and_the_rest_is_outside() {
        let mut cell = cell("f", "p", 10_000);
        cell.stages = [("body", 1_000), ("compute", 6_000), ("compute.parse", 2_000), ("compute.print", 3_500)]
            .map(|(name, micros)| stage(name, micros))
            .into();
        let account = Account::of(&cell).unwrap();
        let expected =
            [("body", 1.0), ("parse", 2.0), ("print", 3.5), ("rest of compute", 0.5), ("outside the function", 3.0)];
        assert_eq!(rounded(&account), expected.map(|(name, ms)| (name.to_owned(), ms)));
        let words = account.words();
        assert!(words.starts_with("p, f: the largest part is print, 3.50 ms or 35 %"), "{words}");
    }

    #[test]
    fn nothing_outside_is_less_than_nothing() {
        let mut cell = cell("f", "p", 1_000);
        assert!(Account::of(&cell).is_none());
        cell.stages = vec![stage("parse", 5_000)];
        let account = Account::of(&cell).unwrap();
        assert_eq!(rounded(&account)[1], ("outside the function".to_owned(), 0.0));
        assert!(account.words().contains("parse, 5.00 ms or 100 %"), "{}", account.words());
    }
}
