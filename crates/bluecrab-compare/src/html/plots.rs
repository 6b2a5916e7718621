//! Which plots a report has, and the words beside them.

use super::svg::{Axis, Bar, Series, bars, lines};
use crate::crossover::{self, Crossover};
use crate::histogram::Latencies;
use crate::scenario::Load;
use crate::statistics::digits;
use crate::summary::{Group, Summary};

/// A plot with its heading and the words beside it.
pub struct Figure {
    pub heading: String,
    pub svg: String,
    pub words: Vec<String>,
}

/// How many colours the style has.
const COLOURS: usize = 6;

/// The class of a function's colour.
pub fn colour(function: usize) -> usize {
    function % COLOURS
}

/// The latencies of each payload under each load, up to the slowest call.
pub fn distributions(groups: &[Group]) -> Vec<Figure> {
    groups.iter().map(distribution).collect()
}

fn distribution(group: &Group) -> Figure {
    let curves: Vec<Vec<(f64, f64)>> = group.functions.iter().map(|function| curve(&function.latencies)).collect();
    let points = curves.iter().flatten();
    let widest = points.clone().fold(1.0, |widest: f64, (x, _)| widest.max(*x));
    let shares =
        [(0.0, "0 %"), (0.5_f64, "50 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"), (0.9999, "99.99 %")];
    let ticks = shares.iter().map(|(share, text)| (-(1.0 - share).log10(), (*text).to_owned()));
    let x = Axis::new("share of the calls", widest, ticks.filter(|(at, _)| *at <= widest).collect());
    let y = Axis::logarithmic("ms", points.map(|(_, y)| 10_f64.powf(*y)));
    let series = curves.iter().enumerate();
    let series = series.map(|(index, points)| Series { colour: colour(index), points: points.clone(), dots: false });
    let heading = format!("{}, {}", group.payload, group.load);
    let svg = lines(&format!("Latencies: {heading}"), &x, &y, &series.collect::<Vec<_>>(), &[]);
    Figure { words: group.functions.iter().skip(1).map(verdicts).collect(), heading, svg }
}

/// The latency in milliseconds (as a logarithm) that each share of the calls does not exceed.
fn curve(latencies: &Latencies) -> Vec<(f64, f64)> {
    let calls = latencies.calls() as f64;
    let end = calls.max(1.0).log10();
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut before = 0;
    for (nanoseconds, times) in latencies.pairs() {
        let milliseconds = (nanoseconds as f64 / 1e6).log10();
        let from = -(1.0 - before as f64 / calls).log10();
        before += times;
        // The last step has no end on this axis.
        let to = if (before as f64) < calls { -(1.0 - before as f64 / calls).log10() } else { end };
        // As fine as can be seen.
        if points.last().is_none_or(|(x, _)| to - x > 0.004) {
            points.extend([(from, milliseconds), (to, milliseconds)]);
        }
    }
    points
}

fn verdicts(function: &Summary) -> String {
    let median = function.median.map(|verdict| format!("by the median {}", verdict.words("faster", "slower")));
    let tail = function.tail.map(|verdict| format!("at p99 {}", verdict.words("faster", "slower")));
    let words: Vec<String> = median.into_iter().chain(tail).collect();
    format!("{}: {}.", function.function, words.join("; "))
}

/// Median latency against size, for each load of a sweep.
pub fn sweeps(groups: &[Group]) -> Vec<Figure> {
    crossover::sweeps(groups).iter().map(|(load, sweep)| sweep_of(*load, sweep)).collect()
}

fn sweep_of(load: Load, groups: &[&Group]) -> Figure {
    let x = Axis::logarithmic("size", groups.iter().filter_map(|group| group.size));
    let functions = groups.iter().flat_map(|group| &group.functions);
    let y = Axis::logarithmic("ms", functions.filter_map(|function| Some(function.p50? * 1e3)));
    let names = groups.first().map_or(&[][..], |group| &group.functions[..]).iter().map(|function| &function.function);
    let mut series = Vec::new();
    let (mut marks, mut words) = (Vec::new(), Vec::new());
    for (index, name) in names.enumerate() {
        let point = |group: &&Group| Some((group.size?.log10(), (group.functions[index].p50? * 1e3).log10()));
        series.push(Series { colour: colour(index), points: groups.iter().filter_map(point).collect(), dots: true });
        if let Some(crossover) = Crossover::of(groups, index) {
            words.push(format!("{name}: {}.", crossover.words()));
            if let Crossover::From { size, near } = crossover {
                marks.push((near.unwrap_or(size).log10(), format!("{name} from {:.0}", near.unwrap_or(size))));
            }
        }
    }
    let heading = format!("Median, {load}");
    Figure { svg: lines(&format!("Latency against size: {heading}"), &x, &y, &series, &marks), heading, words }
}

/// Calls a second, each bar as a share of the best of its payload.
pub fn throughput(groups: &[Group]) -> Vec<Figure> {
    let closed = groups.iter().filter(|group| matches!(group.load, Load::Closed(_))).collect::<Vec<_>>();
    let text = |rate: f64| format!("{} /s", digits(rate));
    share_of_best("Calls a second", &closed, |function| Some(function.rate), text)
}

/// The worker's processor time.
pub fn processor(groups: &[Group]) -> Vec<Figure> {
    let all = groups.iter().collect::<Vec<_>>();
    share_of_best("Processor seconds for 1000 calls", &all, |function| function.cpu, |cpu| format!("{} s", digits(cpu)))
}

fn share_of_best(
    heading: &str,
    groups: &[&Group],
    figure: impl Fn(&Summary) -> Option<f64>,
    text: impl Fn(f64) -> String,
) -> Vec<Figure> {
    let of = |group: &&Group| {
        let values: Option<Vec<f64>> = group.functions.iter().map(&figure).collect();
        let values = values?;
        let longest = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let bar =
            |(index, value): (usize, f64)| Bar { colour: colour(index), share: value / longest, text: text(value) };
        let bars = values.into_iter().enumerate().map(bar).collect();
        Some((format!("{}, {}", group.payload, group.load), bars))
    };
    let bars_of: Vec<(String, Vec<Bar>)> = groups.iter().filter_map(of).collect();
    figure_of(heading, &bars_of, "Each bar is a share of the longest of its payload and load.")
}

/// The worker's memory: before the first call, the most of all rounds, and after the last one.
pub fn memory(groups: &[Group], start: &[Option<u64>]) -> Vec<Figure> {
    let functions = groups.first().map_or(&[][..], |group| &group.functions[..]);
    let all = |index: usize| groups.iter().filter_map(move |group| group.functions.get(index));
    let peak = |index: usize| all(index).filter_map(|function| function.memory_peak).max();
    let last = |index: usize| all(index).filter_map(|function| function.memory_after).next_back();
    let longest = (0..functions.len()).filter_map(peak).max().unwrap_or(1) as f64;
    let bar = |index: usize, bytes: Option<u64>, words: &str| {
        let text = bytes.map(|bytes| format!("{words} {} MB", digits(bytes as f64 / 1e6)));
        Some(Bar { colour: colour(index), share: bytes? as f64 / longest, text: text? })
    };
    let of = |(index, function): (usize, &Summary)| {
        let before = bar(index, start.get(index).copied().flatten(), "at the start");
        let bars: Vec<Bar> = [before, bar(index, peak(index), "at most"), bar(index, last(index), "at the end")]
            .into_iter()
            .flatten()
            .collect();
        (!bars.is_empty()).then(|| (function.function.clone(), bars))
    };
    let bars_of: Vec<(String, Vec<Bar>)> = functions.iter().enumerate().filter_map(of).collect();
    figure_of(
        "Resident memory of the worker",
        &bars_of,
        "Each function has a worker of its own, with the whole app in it.",
    )
}

fn figure_of(heading: &str, groups: &[(String, Vec<Bar>)], words: &str) -> Vec<Figure> {
    let figure = || Figure { heading: heading.to_owned(), svg: bars(heading, groups), words: vec![words.to_owned()] };
    (!groups.is_empty()).then(figure).into_iter().collect()
}
