//! The answer in sentences: which function is faster, by how much, from which size on, and at what cost.

use super::cost::{Costs, Plan};
use super::crossover::{Crossover, sweeps};
use super::statistics::Verdict;
use super::summary::{Group, Summary, payloads};
use crate::results::units::{digits, listed, span};

/// The functions that are fastest with these payloads.
struct Fastest {
    payloads: Vec<String>,
    /// The function with the lowest median, and those that are not distinguishable from it.
    functions: Vec<String>,
    /// The first of these, if some of the others differ from each other.
    lowest: Option<String>,
    /// Whether the list has every function, so that no function is slower.
    all: bool,
    /// The functions with which the fastest are compared, and how many times as fast the fastest are.
    against: String,
    ratios: Vec<f64>,
}

/// Names the fastest functions in one sentence.
pub fn fastest(groups: &[Group]) -> String {
    let payloads = payloads(groups);
    let Some(load) = payloads.first().map(|payload| payload.single.load) else { return String::new() };
    if payloads[0].single.functions.len() < 2 {
        return "One function, and nothing to compare it with.".to_owned();
    }
    let mut places: Vec<Fastest> = Vec::new();
    for payload in &payloads {
        let place = match fastest_of(payload.single) {
            Ok(place) => place,
            Err(Verdict::TooFewCalls) => return "Too few calls for a verdict: measure at least 30 of each.".to_owned(),
            Err(_) => return "Too few rounds for a verdict: measure at least 8.".to_owned(),
        };
        match places.iter_mut().find(|other| other.says_like(&place)) {
            Some(same) => {
                same.payloads.extend(place.payloads);
                same.ratios.extend(place.ratios);
            }
            None => places.push(place),
        }
    }
    let every = places.len() == 1;
    let places: Vec<String> = places.iter().map(|place| place.words(every)).collect();
    format!("Called {load}, {}.", places.join("; "))
}

/// Finds the functions that are fastest in a group. Returns the verdict as an error if it is unknown.
fn fastest_of(group: &Group) -> Result<Fastest, Verdict> {
    let functions = &group.functions;
    let median = |function: &Summary| function.p50.unwrap_or(f64::INFINITY);
    let best = (0..functions.len())
        .min_by(|one, two| median(&functions[*one]).total_cmp(&median(&functions[*two])))
        .unwrap_or(0);
    let mut front = Vec::new();
    for (index, function) in functions.iter().enumerate() {
        // All tables compare the other functions with the baseline, and so does this sentence.
        let is_slower = if index == best {
            false
        } else if index == 0 {
            matches!(known(functions[best].latency_against(function))?, Verdict::Lower(_))
        } else {
            matches!(known(function.latency_against(&functions[best]))?, Verdict::Higher(_))
        };
        if !is_slower {
            front.push(index);
        }
    }
    let differ = |one: &usize, two: &usize| functions[*one].latency_against(&functions[*two]).factor().is_some();
    let are_alike = !front.iter().any(|one| front.iter().any(|two| differ(one, two)));
    let baseline = &functions[0];
    let (against, compared) = match front[..] {
        [0] if functions.len() == 2 => (functions[1].function.clone(), vec![1]),
        [0] => ("the others".to_owned(), (1..functions.len()).collect()),
        [0, ..] => (String::new(), Vec::new()),
        _ => (baseline.function.clone(), front.clone()),
    };
    let ratio = |index: usize| functions[index].latency_against(baseline).factor().map(|ratio| ratio.median);
    Ok(Fastest {
        payloads: vec![group.payload.clone()],
        functions: front.iter().map(|index| functions[*index].function.clone()).collect(),
        lowest: (!are_alike).then(|| functions[best].function.clone()),
        all: front.len() == functions.len(),
        against,
        ratios: compared.into_iter().filter_map(ratio).collect(),
    })
}

fn known(verdict: Verdict) -> Result<Verdict, Verdict> {
    if verdict.is_unknown() { Err(verdict) } else { Ok(verdict) }
}

impl Fastest {
    /// Whether one sentence can say both.
    fn says_like(&self, other: &Self) -> bool {
        (&self.functions, &self.lowest, &self.against) == (&other.functions, &other.lowest, &other.against)
    }

    fn words(&self, every: bool) -> String {
        let payloads =
            if every && self.payloads.len() > 1 { "every payload".to_owned() } else { listed(&self.payloads) };
        let range = span(&self.ratios).map(|range| format!("{range} faster than {}", self.against));
        if let Some(lowest) = &self.lowest {
            let others: Vec<String> = self.functions.iter().filter(|name| *name != lowest).cloned().collect();
            let others = listed(&others);
            let range = range.map_or(String::new(), |range| format!(", and all of them are {range}"));
            return format!(
                "with {payloads} {lowest} has the lowest median, and {others} are not distinguishable from it{range}"
            );
        }
        let functions = listed(&self.functions);
        if self.all {
            return format!("with {payloads} {functions} are not distinguishable");
        }
        let verb = if self.functions.len() > 1 { "are fastest alike" } else { "is fastest" };
        let range = range.map_or(String::new(), |range| format!(", {range}"));
        format!("with {payloads} {functions} {verb}{range}")
    }
}

/// A few sentences about each function except the baseline; the first is about its speed.
pub fn sentences(groups: &[Group], costs: &[Costs], currency: &str) -> Vec<Vec<String>> {
    let Some((baseline, others)) = groups.first().and_then(|group| group.functions.split_first()) else {
        return Vec::new();
    };
    let of = |(index, function): (usize, &Summary)| {
        let (index, name) = (index + 1, &function.function);
        let place =
            |group: &Group| Some((format!("{}, {}", group.payload, group.load), group.functions.get(index)?.median?));
        let places: Vec<(String, Verdict)> = groups.iter().filter_map(place).collect();
        if places.iter().all(|(_, verdict)| verdict.is_unknown()) {
            let few = places.first().map_or(String::new(), |(_, verdict)| verdict.short("", ""));
            return vec![format!("No verdict on {name}: {few}.")];
        }
        let parts =
            [Some(speed(name, &baseline.function, &places)), from_size(groups, index), cost(costs, index, currency)];
        parts.into_iter().flatten().collect()
    };
    others.iter().enumerate().map(of).collect()
}

/// Payloads or plans, sorted by their verdicts. The ratios are above 1; the greatest comes last.
struct Sorted<'a, T> {
    lower: Vec<(&'a T, f64)>,
    higher: Vec<(&'a T, f64)>,
    others: usize,
}

impl<'a, T> Sorted<'a, T> {
    fn new(places: &'a [(T, Verdict)]) -> Self {
        let (mut lower, mut higher, mut others) = (Vec::new(), Vec::new(), 0);
        for (place, verdict) in places {
            match (verdict, verdict.factor()) {
                (Verdict::Lower(_), Some(ratio)) => lower.push((place, ratio.median)),
                (_, Some(ratio)) => higher.push((place, ratio.median)),
                (_, None) => others += 1,
            }
        }
        lower.sort_by(|one, two| one.1.total_cmp(&two.1));
        higher.sort_by(|one, two| one.1.total_cmp(&two.1));
        Self { lower, higher, others }
    }
}

fn speed(name: &str, baseline: &str, places: &[(String, Verdict)]) -> String {
    let Sorted { lower, higher, others } = Sorted::new(places);
    let range = |some: &[(&String, f64)], word: &str| match some {
        [] => None,
        [(place, ratio)] => Some(format!("{}x {word} ({place})", digits(*ratio))),
        [least, .., most] => {
            Some(format!("{}x {word} ({}) to {}x {word} ({})", digits(least.1), least.0, digits(most.1), most.0))
        }
    };
    let (faster, slower) = (range(&lower, "faster"), range(&higher, "slower"));
    match (faster, slower, others) {
        (Some(words), None, 0) | (None, Some(words), 0) => format!("{name} is {words} than {baseline}, by the median."),
        (None, None, 1) => format!("{name} and {baseline} are not distinguishable."),
        (None, None, _) => format!("{name} and {baseline} are not distinguishable in any of the {others} cases."),
        (faster, slower, _) => {
            let parts = [
                faster.map(|words| format!("{words} in {}", lower.len())),
                slower.map(|words| format!("{words} in {}", higher.len())),
                (others > 0).then(|| format!("not distinguishable in {others}")),
            ];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            format!("{name} against {baseline}, by the median of {} cases: {}.", places.len(), parts.join("; "))
        }
    }
}

/// Says from which size on a function is faster, under the first load with a sweep.
fn from_size(groups: &[Group], function: usize) -> Option<String> {
    let sweeps = sweeps(groups);
    let (load, sweep) = sweeps.first()?;
    let crossover = Crossover::new(sweep, function)?;
    (crossover != Crossover::Always)
        .then(|| format!("By the median latency of calls {load} it is {}.", crossover.words()))
}

fn cost(costs: &[Costs], function: usize, currency: &str) -> Option<String> {
    let plans: [Plan; 2] = [
        ("on Azure's Consumption plan", |cost| cost.consumption.as_ref()),
        ("on busy instances of Flex Consumption", |cost| cost.flex_busy.as_ref()),
    ];
    let of = |(plan, amount): Plan| {
        let place = |costs: &Costs| {
            let (one, two) = (amount(costs.functions.get(function)?)?, amount(costs.functions.first()?)?);
            let [ours, theirs] = [one, two].map(|amount| digits(amount.price));
            Some((format!("{ours} instead of {theirs} {currency} ({})", costs.payload), one.verdict?))
        };
        let places: Vec<(String, Verdict)> = costs.iter().filter_map(place).collect();
        let Sorted { lower, higher, others } = Sorted::new(&places);
        let most = |some: &[(&String, f64)]| some.last().map(|(words, _)| (*words).clone());
        let equal = (others > 0).then(|| match others == places.len() {
            true => "not distinguishably more or less".to_owned(),
            false => format!("not distinguishably more or less with {others} of {} payloads", places.len()),
        });
        let parts: Vec<String> = [most(&lower), most(&higher), equal].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| format!("{plan} {}", parts.join(", ")))
    };
    let plans: Vec<String> = plans.into_iter().filter_map(of).collect();
    (!plans.is_empty()).then(|| format!("A million calls cost: {}.", plans.join("; ")))
}

#[cfg(test)]
mod tests;
