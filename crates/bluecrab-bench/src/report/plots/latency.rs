//! Latencies: against size, as distributions, and the probe's.

use super::super::svg::{Axis, Series, lines};
use super::super::table::time;
use super::figure::{Figure, colour, fastest, key_of, laid_out, scaled};
use crate::analysis::crossover::{self, Crossover};
use crate::analysis::summary::{Group, Summary};
use crate::results::Latencies;
use crate::results::units::milliseconds;
use crate::scenario::Load;

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
    let least = fastest(&group.functions);
    let least = least.map(|one| format!("Least median: {} ms, {}.", time(one.p50), one.function));
    let words: Vec<String> = least.into_iter().chain(group.functions.iter().skip(1).map(verdicts)).collect();
    let title = format!("Latencies: {heading}");
    let svg = lines((&title, &words.join(" ")), &x, &y, &series.collect::<Vec<_>>(), &[]);
    Figure { heading, key: key_of(Some(group)), svg, words }
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
        // The slowest call's step would end at infinity, so it ends where the axis does.
        let to = if (before as f64) < calls { -(1.0 - before as f64 / calls).log10() } else { end };
        // Skip points that are too close together to be seen.
        if points.last().is_none_or(|(x, _)| to - x > 0.01) {
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

/// More dashed lines would hide the other lines.
const MARKS: usize = 3;

fn sweep_of(load: Load, groups: &[&Group]) -> Figure {
    let mut sizes: Vec<f64> = groups.iter().filter_map(|group| group.size).collect();
    sizes.sort_by(f64::total_cmp);
    let x = Axis::at("size", &sizes);
    let functions = groups.iter().flat_map(|group| &group.functions);
    let y = Axis::logarithmic("ms", functions.filter_map(|function| Some(function.p50? * 1e3)));
    let names = groups.first().map_or(&[][..], |group| &group.functions[..]).iter().map(|function| &function.function);
    let mut series = Vec::new();
    let last = groups.iter().max_by(|one, two| one.size.unwrap_or(0.0).total_cmp(&two.size.unwrap_or(0.0)));
    let least = last.and_then(|group| fastest(&group.functions));
    let least = least
        .zip(last)
        .map(|(one, group)| format!("Least with {}: {} ms, {}.", group.payload, time(one.p50), one.function));
    let (mut marks, mut words) = (Vec::new(), Vec::from_iter(least));
    for (index, name) in names.enumerate() {
        let point = |group: &&Group| Some((group.size?.log10(), (group.functions[index].p50? * 1e3).log10()));
        series.push(Series { colour: colour(index), points: groups.iter().filter_map(point).collect(), dots: true });
        if let Some(crossover) = Crossover::new(groups, index) {
            words.push(format!("{name}, by the median: {}.", crossover.words()));
            if let Crossover::From { size, near, .. } = crossover {
                marks.push((near.unwrap_or(size).log10(), format!("{name} from {:.0}", near.unwrap_or(size))));
            }
        }
    }
    if marks.len() > MARKS {
        marks.clear();
    } else if !marks.is_empty() {
        words.push("A dashed line marks the size from which on a function is faster.".to_owned());
    }
    let heading = format!("Median, {load}");
    let title = format!("Latency against size: {heading}");
    let svg = lines((&title, &words.join(" ")), &x, &y, &series, &marks);
    Figure { svg, key: key_of(groups.first().copied()), heading, words }
}

/// The probe's 99th percentile while each function has its load, and without load.
pub fn probe(groups: &[Group]) -> Vec<Figure> {
    let of = |group: &Group| {
        let bars = |(index, function): (usize, &Summary)| {
            let (name, alone) = (function.function.clone(), function.probe_alone.p99);
            let alone = alone.map(|alone| (index, format!("{name}, without load"), alone));
            Some([(index, name, function.probe.p99?)].into_iter().chain(alone))
        };
        let bars = group.functions.iter().enumerate().map(bars).collect::<Option<Vec<_>>>()?.into_iter().flatten();
        let bars = scaled(bars.collect(), |seconds| format!("{} ms", milliseconds(seconds)));
        Some((format!("{}, {}", group.payload, group.load), bars))
    };
    let bars_of: Vec<_> = groups.iter().filter_map(of).collect();
    laid_out("The probe's p99", &bars_of)
}
