//! The figures that people read, from the rounds of measurements.

use super::statistics::{Interval, Verdict, median};
use crate::results::units::{digits, distinct, milliseconds};
use crate::results::{Latencies, Measurement, Results, Round};
use crate::scenario::{FEWEST_CALLS, Load};

/// The figures of one function with one payload under one load. Times are in seconds, sizes in bytes.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub function: String,
    /// The median of the rounds' medians.
    pub p50: Option<f64>,
    pub p90: Option<f64>,
    pub p99: Option<f64>,
    pub p999: Option<f64>,
    pub slowest: Option<f64>,
    pub calls: u64,
    /// Calls a second.
    pub rate: f64,
    /// Processor time of a thousand calls.
    pub cpu: Option<f64>,
    pub memory_peak: Option<u64>,
    pub memory_after: Option<u64>,
    /// The probe's latency during this load.
    pub probe: Tail,
    /// The probe's latency in the same worker without load.
    pub probe_alone: Tail,
    /// The interval of the rounds' medians.
    pub spread: Option<Interval>,
    /// Median latency, 99th percentile and time a call, compared with the baseline's.
    pub median: Option<Verdict>,
    pub tail: Option<Verdict>,
    pub throughput: Option<Verdict>,
    /// The latencies of all rounds together.
    pub latencies: Latencies,
    /// The median of each round that had calls.
    medians: Vec<Option<f64>>,
    /// The 99th percentile of each round that had enough calls.
    tails: Vec<Option<f64>>,
    /// The time that passes for each call: the inverse of the throughput.
    times: Vec<Option<f64>>,
}

impl Summary {
    pub fn new(measurement: &Measurement) -> Self {
        let rounds = &measurement.rounds;
        let latencies = Latencies::sum(rounds.iter().map(|round| &round.latencies));
        let calls = latencies.calls();
        let seconds: f64 = rounds.iter().map(|round| round.seconds).sum();
        let cpu: Option<f64> = rounds.iter().map(|round| round.cpu_seconds).sum();
        let per_round = |figure: fn(&Round) -> Option<f64>| rounds.iter().map(figure).collect::<Vec<_>>();
        let medians = per_round(|round| round.latencies.median());
        let known: Vec<f64> = medians.iter().copied().flatten().collect();
        Self {
            function: measurement.function.clone(),
            p50: median(&known),
            p90: latencies.percentile(0.9),
            p99: latencies.percentile(0.99),
            p999: latencies.percentile(0.999),
            slowest: latencies.slowest(),
            calls,
            rate: calls as f64 / seconds,
            cpu: cpu.map(|cpu| cpu / calls as f64 * 1000.0),
            memory_peak: rounds.iter().filter_map(|round| round.memory_peak).max(),
            memory_after: rounds.last().and_then(|round| round.memory_after),
            probe: Tail::new(rounds.iter().filter_map(|round| round.probe.as_ref())),
            spread: Interval::new(&known),
            latencies,
            medians,
            tails: per_round(|round| round.latencies.percentile(0.99)),
            times: per_round(|round| {
                Some(round.seconds / round.latencies.calls() as f64).filter(|time| time.is_finite())
            }),
            ..Self::default()
        }
    }

    /// Compares the median latency with another function's.
    pub fn latency_against(&self, other: &Self) -> Verdict {
        self.verdict(other, |one| &one.medians)
    }

    /// Compares a figure over the rounds in which both functions have it.
    fn verdict(&self, other: &Self, figures: fn(&Self) -> &[Option<f64>]) -> Verdict {
        if self.calls.min(other.calls) < FEWEST_CALLS {
            return Verdict::TooFewCalls;
        }
        let pairs = figures(self).iter().zip(figures(other)).filter_map(|(one, two)| Some(((*one)?, (*two)?)));
        let (one, two): (Vec<f64>, Vec<f64>) = pairs.unzip();
        Verdict::new(&one, &two)
    }

    fn compare(&mut self, baseline: &Self) {
        self.median = Some(self.latency_against(baseline));
        let tails = self.verdict(baseline, |one| &one.tails);
        self.tail = (!tails.is_unknown()).then_some(tails);
        // A lower time for each call means more calls a second.
        self.throughput = Some(self.verdict(baseline, |one| &one.times));
    }
}

/// The slowest hundredth of the probe's calls.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tail {
    pub calls: u64,
    /// The 99th percentile in seconds, if there are enough calls for it.
    pub p99: Option<f64>,
}

impl Tail {
    fn new<'a>(rounds: impl Iterator<Item = &'a Latencies>) -> Self {
        let all = Latencies::sum(rounds);
        Self { calls: all.calls(), p99: all.percentile(0.99) }
    }

    /// Formats the time in milliseconds.
    pub fn text(self) -> String {
        let missing = if self.calls == 0 { "?" } else { "-" };
        self.p99.map_or(missing.to_owned(), milliseconds)
    }
}

/// The functions with one payload under one load. The baseline comes first.
#[derive(Debug, Clone)]
pub struct Group {
    pub payload: String,
    pub size: Option<f64>,
    pub load: Load,
    pub bytes_in: usize,
    pub bytes_out: usize,
    pub functions: Vec<Summary>,
}

/// Returns all groups in the order of the results.
pub fn groups(results: &Results) -> Vec<Group> {
    let group = |measurements: &[Measurement]| {
        let first = measurements.first()?;
        let mut functions: Vec<Summary> = measurements.iter().map(Summary::new).collect();
        for function in &mut functions {
            let alone = results.functions.iter().find(|one| one.name == function.function);
            function.probe_alone =
                Tail::new(alone.iter().flat_map(|one| &one.probe_alone).map(|round| &round.latencies));
        }
        let (baseline, others) = functions.split_first_mut()?;
        others.iter_mut().for_each(|other| other.compare(baseline));
        Some(Group {
            payload: first.payload.clone(),
            size: first.size,
            load: first.load,
            bytes_in: first.bytes_in,
            bytes_out: first.bytes_out,
            functions,
        })
    };
    results.groups().into_iter().filter_map(group).collect()
}

/// What was measured with one payload under its two most telling loads. All reports choose them here.
#[derive(Debug, Clone, Copy)]
pub struct ByLoad<T> {
    /// Under the load in which calls wait least for each other.
    pub single: T,
    /// Under the closed load with the most callers, if it has several and is not the other load.
    pub busy: Option<T>,
}

/// Chooses the loads of each payload, in the payloads' order.
pub fn by_payload<T>(all: &[T], payload: fn(&T) -> &str, load: fn(&T) -> Load) -> Vec<ByLoad<&T>> {
    let of_payload = |name: &str| {
        let same = || all.iter().filter(|one| payload(one) == name);
        let single = same().min_by(|one, two| load(one).busyness().total_cmp(&load(two).busyness()))?;
        let callers = |one: &T| match load(one) {
            Load::Closed(callers) => callers,
            Load::Open(_) => 0,
        };
        let busy = same().max_by_key(|one| callers(one)).filter(|busy| callers(busy) > callers(single).max(1));
        Some(ByLoad { single, busy })
    };
    distinct(all.iter().map(payload)).into_iter().filter_map(of_payload).collect()
}

/// Returns the groups of each payload.
pub fn payloads(groups: &[Group]) -> Vec<ByLoad<&Group>> {
    by_payload(groups, |group| &group.payload, |group| group.load)
}

/// The cold starts of one function. Times are in seconds.
#[derive(Debug, Clone)]
pub struct ColdStarts {
    /// The function's index in the results.
    pub function: usize,
    pub name: String,
    pub seconds: Vec<f64>,
    pub median: f64,
    pub fastest: f64,
    pub slowest: f64,
    /// How they compare with the baseline's cold starts, if both functions have the same number.
    pub verdict: Option<Verdict>,
}

impl ColdStarts {
    /// Returns the cold starts of each function for which they were measured.
    pub fn all(results: &Results) -> Vec<Self> {
        let baseline = results.functions.first().map_or(&[][..], |function| &function.cold_starts[..]);
        let of = |(index, function): (usize, &crate::results::FunctionResult)| {
            let seconds = function.cold_starts.clone();
            let fastest = seconds.iter().copied().reduce(f64::min)?;
            let slowest = seconds.iter().copied().reduce(f64::max)?;
            let comparable = index > 0 && seconds.len() == baseline.len();
            let verdict = comparable.then(|| Verdict::new(&seconds, baseline));
            let (name, median) = (function.name.clone(), median(&seconds)?);
            Some(Self { function: index, name, seconds, median, fastest, slowest, verdict })
        };
        results.functions.iter().enumerate().filter_map(of).collect()
    }

    /// Describes the cold starts in a sentence.
    pub fn words(&self) -> String {
        let verdict = self.verdict.map(|verdict| format!("; {}", verdict.words("faster", "slower")));
        let [median, fastest, slowest] = [self.median, self.fastest, self.slowest].map(digits);
        let (name, starts, verdict) = (&self.name, self.seconds.len(), verdict.unwrap_or_default());
        format!("{name}: {median} s by the median of {starts}, {fastest} to {slowest}{verdict}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::fixture::{latencies, measurement, results, round};

    #[test]
    fn few_calls_make_no_verdict_however_far_apart_they_are() {
        let of = |calls: usize| {
            let mut all = [measurement("base", "p", 100), measurement("other", "p", 50)];
            all[1].rounds = vec![round(&vec![50; calls]); 8];
            groups(&results(all.into())).remove(0).functions[1].median
        };
        assert_eq!(of(3), Some(Verdict::TooFewCalls));
        assert!(matches!(of(4), Some(Verdict::Lower(_))));
    }

    #[test]
    fn a_round_without_calls_does_not_count() {
        let mut all = [measurement("base", "p", 100), measurement("other", "p", 50)];
        let verdict = |all: &[Measurement]| groups(&results(all.into())).remove(0).functions[1].median;
        all.iter_mut().for_each(|one| one.rounds.push(one.rounds[0].clone()));
        all[1].rounds[3].latencies = Latencies::default();
        assert!(matches!(verdict(&all), Some(Verdict::Lower(_))));
        all[0].rounds[4].latencies = Latencies::default();
        assert_eq!(verdict(&all), Some(Verdict::TooFewRounds));
    }

    #[test]
    fn a_tail_without_enough_calls_is_not_unknown() {
        let few = [latencies(&[500; 60]), latencies(&[500; 39])];
        assert_eq!([Tail::new(few.iter()), Tail::default()].map(Tail::text), ["-", "?"]);
    }

    #[test]
    fn one_caller_is_the_single_load_even_beside_an_open_loop() {
        let loads = [Load::Open(5.0), Load::Closed(8), Load::Closed(1), Load::Closed(4)];
        let chosen = |loads: &[Load]| {
            let of = by_payload(loads, |_| "p", |load| *load).remove(0);
            (*of.single, of.busy.copied())
        };
        assert_eq!(chosen(&loads), (Load::Closed(1), Some(Load::Closed(8))));
        assert_eq!(chosen(&loads[..1]), (Load::Open(5.0), None));
        assert_eq!(chosen(&loads[1..2]), (Load::Closed(8), None));
        assert_eq!(chosen(&loads[..2]), (Load::Open(5.0), Some(Load::Closed(8))));
    }

    #[test]
    fn starts_are_compared_if_both_have_as_many() {
        let mut results = results(Vec::new());
        let times = |factor: f64| (0..10).map(|start| factor * (0.6 + 0.01 * f64::from(start))).collect::<Vec<_>>();
        results.functions[0].cold_starts = times(1.0);
        results.functions[1].cold_starts = times(0.25);
        let all = ColdStarts::all(&results);
        assert_eq!(all[0].words(), "base: 0.65 s by the median of 10, 0.60 to 0.69.");
        assert!(all[1].words().contains("4.00x faster"), "{}", all[1].words());
        results.functions[1].cold_starts.pop();
        assert_eq!(ColdStarts::all(&results)[1].verdict, None);
    }
}
