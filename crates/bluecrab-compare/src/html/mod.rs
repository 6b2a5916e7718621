//! The results as one HTML file that needs no network.

mod plots;
mod svg;
mod tables;

use crate::cost;
use crate::headline;
use crate::prices::Prices;
use crate::results::Results;
use crate::starts::Starts;
use crate::statistics::{CONFIDENCE, SMALLEST};
use crate::summary::groups;
use crate::terminal;
use plots::Figure;
use std::fmt::Write;
use svg::escape;

const STYLE: &str = include_str!("style.css");

/// The report.
pub fn page(results: &Results, prices: &Prices) -> String {
    let groups = groups(results);
    let costs = cost::costs(results, prices);
    let mut page = head(results);
    let said = headline::sentences(&groups, &costs, &prices.currency);
    // Writing to a String does not fail, here and below.
    let _ = write!(page, "{}{}{}{}", answer(&said), others(results), key(results), rule(results));
    page += &section(
        "Latency against size",
        "Both axes are logarithmic. A dashed line marks from what size on a function is faster than the baseline.",
        &plots::sweeps(&groups),
        "",
    );
    page += &tables::costs(&costs, prices);
    for (heading, words, figures, more) in sections(results, &groups) {
        page += &section(heading, words, &figures, &more);
    }
    let tables: String = groups.iter().map(tables::figures).collect();
    let _ = write!(page, "<h2>All figures</h2>\n<p>Times are milliseconds. {}</p>\n{tables}", terminal::NOTE);
    let scenario = escape(results.scenario.trim());
    page + &format!("<h2>The scenario</h2>\n<pre>{scenario}</pre>\n</main>\n</body>\n</html>\n")
}

/// A heading, what the figures below it show, the figures, and what stands below them.
type Section = (&'static str, &'static str, Vec<Figure>, String);

fn sections(results: &Results, groups: &[crate::summary::Group]) -> [Section; 7] {
    let start: Vec<Option<u64>> = results.functions.iter().map(|function| function.memory_at_start).collect();
    let starts = Starts::all(results);
    [
        (
            "Where the time goes",
            "Each bar is the median call as the caller sees it. Its parts are the medians of what the function says of \
             itself; the rest is the way through the network, the host and the worker. In milliseconds in the table.",
            plots::stages(results),
            tables::stages(plots::stages_table(results)),
        ),
        (
            "Latencies",
            "Each curve says how long a call takes that this share of the calls does not exceed: half of them at 50 %, \
             all but one of a hundred at 99 %. Lower is better; where a curve climbs steeply, some calls wait long.",
            plots::distributions(groups),
            String::new(),
        ),
        (
            "Throughput",
            "How many calls a second the callers get answered, each of whom waits for an answer before the next call. \
             More is better.",
            plots::throughput(groups),
            String::new(),
        ),
        (
            "Processor time",
            "What the worker uses for a thousand calls, in seconds of one core; with several callers it is what limits \
             them. Shorter is better.",
            plots::processor(groups),
            String::new(),
        ),
        (
            "Memory",
            "What the worker occupies. Less is better.",
            [plots::memory(groups, &start), plots::over_time(results)].into_iter().flatten().collect(),
            String::new(),
        ),
        (
            "Cold start",
            "From the start of the host's process to the first answer. A dot is a start, the stroke the median. Less is \
             better. Azure adds the time to find a machine, which is not in it.",
            plots::starts(results),
            tables::starts(&starts),
        ),
        (
            "What the load does to others",
            "The 99th percentile of a function that does nothing, in the same app, called beside the load, and \
             alone. Shorter is better: whoever computes on the event loop keeps all others waiting.",
            plots::neighbour(groups),
            String::new(),
        ),
    ]
}

fn section(heading: &str, words: &str, figures: &[Figure], more: &str) -> String {
    if figures.is_empty() {
        return String::new();
    }
    let figures: String = figures.iter().map(figure).collect();
    format!("<h2>{heading}</h2>\n<p>{words}</p>\n<div class=\"plots\">\n{figures}</div>\n{more}")
}

fn head(results: &Results) -> String {
    let (title, machine) = (escape(&results.title), escape(&results.machine.line()));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
        <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p class=\"soft\">{machine}</p>\n"
    )
}

/// What each function's sentences say; the first of them is what the reader came for.
fn answer(said: &[Vec<String>]) -> String {
    let paragraph = |lines: &Vec<String>| {
        let lines: Vec<String> = lines.iter().map(|line| escape(line)).collect();
        let (verdict, more) = lines.split_first().map_or(("", &[][..]), |(first, more)| (first.as_str(), more));
        format!("<p><strong>{verdict}</strong> {}</p>\n", more.join(" "))
    };
    format!("<div class=\"answer\">\n{}</div>\n", said.iter().map(paragraph).collect::<String>())
}

/// What other programs did meanwhile.
fn others(results: &Results) -> String {
    crate::others::sentence(results)
        .map_or(String::new(), |said| format!("<p><strong>{}</strong></p>\n", escape(&said)))
}

/// Items of a list, each of them HTML.
fn list(class: &str, items: impl Iterator<Item = String>) -> String {
    let items: String = items.map(|item| format!("<li>{item}</li>")).collect();
    format!("<ul class=\"{class}\">{items}</ul>\n")
}

fn key(results: &Results) -> String {
    let names = results.functions.iter().map(|function| function.name.as_str()).enumerate();
    let item = |(index, name): (usize, &str)| {
        let baseline = if index == 0 { " (baseline)" } else { "" };
        format!("{} {}{baseline}", svg::sample(plots::colour(index)), escape(name))
    };
    list("key", names.map(item))
}

fn rule(results: &Results) -> String {
    let rounds = results.cells.first().map_or(0, |cell| cell.rounds.len());
    let workers = if results.fresh_workers { ", each with fresh workers" } else { "" };
    format!(
        "<p class=\"soft\">All functions gave equal answers. They were measured in turn, in {rounds} rounds{workers}. One is called \
        faster or slower only where the {:.0} % interval over the rounds excludes that there is no difference, and where it \
        is more than {:.0} %; else they are not distinguishable. The interval stands in brackets.</p>\n",
        CONFIDENCE * 100.0,
        SMALLEST * 100.0
    )
}

fn figure(figure: &Figure) -> String {
    let words = figure.words.iter().map(|words| escape(words)).collect::<Vec<_>>().join("<br>");
    let (heading, key, svg) = (escape(&figure.heading), &figure.key, &figure.svg);
    format!("<figure>\n<h3>{heading}</h3>\n{key}{svg}\n<figcaption>{words}</figcaption>\n</figure>\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{cell, latencies, results};
    use crate::results::{Cell, Results, Stage};
    use crate::scenario::Load;

    fn measured(function: &str, size: u64, load: Load, micros: u64) -> Cell {
        let mut cell = cell(function, &format!("p{size}"), micros);
        (cell.size, cell.load) = (Some(size as f64), load);
        for (index, round) in cell.rounds.iter_mut().enumerate() {
            (round.cpu_seconds, round.memory_peak, round.memory_after) = (Some(0.5), Some(100 << 20), Some(90 << 20));
            round.memory = (0..9).map(|at| (index as f64 + f64::from(at) / 10.0, 80 << 20)).collect();
            round.neighbour = Some(latencies(&[700; 20]));
        }
        cell.stages = vec![Stage { name: "parse".to_owned(), durations: latencies(&[micros / 2]) }];
        cell
    }

    fn full() -> Results {
        let mut cells = Vec::new();
        for (size, base) in [(1, 2_000), (10, 200_000)] {
            for load in [Load::Closed(1), Load::Closed(8)] {
                cells.extend([measured("base", size, load, base), measured("other", size, load, 1_000)]);
            }
        }
        let mut results = results(cells);
        results.functions.iter_mut().for_each(|function| function.cold_starts = vec![0.5; 10]);
        results
    }

    #[test]
    fn every_topic_has_its_section() {
        let page = page(&full(), &Prices::default());
        for heading in [
            "Latency against size",
            "Cost of a million calls",
            "Where the time goes",
            "Latencies",
            "Throughput",
            "Processor time",
            "Memory",
            "Cold start",
            "What the load does to others",
            "All figures",
        ] {
            assert!(page.contains(&format!("<h2>{heading}</h2>")), "{heading}");
        }
        assert!(page.contains("<strong>other is 2.00x faster (p1, one at a time) to 200x faster"), "{page}");
        assert_eq!(page.matches("role=\"img\"").count(), page.matches("<desc>").count());
        assert!(!page.contains("http") && !page.contains("NaN") && !page.contains("inf"), "{page}");
    }

    #[test]
    fn what_was_not_measured_has_no_section() {
        let page = page(&results(vec![cell("base", "p", 1_000), cell("other", "p", 1_000)]), &Prices::default());
        for heading in
            ["Latency against size", "Where the time goes", "Processor time", "Memory", "Cold start", "others"]
        {
            assert!(!page.contains(&format!("{heading}</h2>")), "{heading}");
        }
        assert!(page.contains("other and base are not distinguishable."), "{page}");
    }

    #[test]
    fn several_numbers_of_callers_make_a_line_and_one_a_bar() {
        let both = page(&full(), &Prices::default());
        assert!(both.contains("base: 1.00 with 1 caller, 1.00 with 8 callers."), "{both}");
        let mut results = full();
        results.cells.retain(|cell| cell.load == Load::Closed(8));
        assert!(page(&results, &Prices::default()).contains("<h3>Calls a second</h3>"));
    }
}
