//! The results as one HTML file that needs no network.

mod plots;
mod svg;

use crate::results::Results;
use crate::statistics::{CONFIDENCE, SMALLEST};
use crate::summary::{Group, groups};
use crate::terminal;
use plots::Figure;
use std::fmt::Write;
use svg::escape;

const STYLE: &str = include_str!("style.css");

/// The report.
pub fn page(results: &Results) -> String {
    let groups = groups(results);
    let start: Vec<Option<u64>> = results.functions.iter().map(|function| function.memory_at_start).collect();
    let mut page = head(results);
    // Writing to a String does not fail.
    let _ = write!(page, "{}{}", key(results), rule(results));
    let sections = [
        (
            "Latency against size",
            "Both axes are logarithmic. A dashed line marks from what size on a function is faster than the baseline.",
            plots::sweeps(&groups),
        ),
        (
            "Latencies",
            "Each curve says how long a call takes that this share of the calls does not exceed: half of them at 50 %, \
             all but one of a hundred at 99 %. Lower is better; where a curve climbs steeply, some calls wait long.",
            plots::distributions(&groups),
        ),
        (
            "Throughput",
            "How many calls a second the callers get answered, each of whom waits for an answer before the next call. \
             Longer is better.",
            plots::throughput(&groups),
        ),
        (
            "Processor time",
            "What the worker uses for a thousand calls, in seconds of one core; it is what a bill follows. Shorter is \
             better.",
            plots::processor(&groups),
        ),
        ("Memory", "What the worker occupies. Shorter is better.", plots::memory(&groups, &start)),
    ];
    for (heading, words, figures) in sections {
        if !figures.is_empty() {
            let figures: String = figures.iter().map(figure).collect();
            let _ = write!(page, "<h2>{heading}</h2>\n<p>{words}</p>\n<div class=\"plots\">\n{figures}</div>\n");
        }
    }
    let tables: String = groups.iter().map(table).collect();
    let _ = write!(page, "<h2>All figures</h2>\n<p>Times are milliseconds. {}</p>\n{tables}", terminal::NOTE);
    let scenario = escape(results.scenario.trim());
    page + &format!("<h2>The scenario</h2>\n<pre>{scenario}</pre>\n</body>\n</html>\n")
}

fn head(results: &Results) -> String {
    let (title, machine) = (escape(&results.title), escape(&results.machine.line()));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
        <style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n<p class=\"soft\">{machine}</p>\n"
    )
}

fn key(results: &Results) -> String {
    let item = |(index, name): (usize, &str)| {
        let baseline = if index == 0 { " (baseline)" } else { "" };
        format!("<li class=\"s{}\">{}{baseline}</li>", plots::colour(index), escape(name))
    };
    let names = results.functions.iter().map(|function| function.name.as_str());
    format!("<ul class=\"key\">{}</ul>\n", names.enumerate().map(item).collect::<String>())
}

fn rule(results: &Results) -> String {
    let rounds = results.cells.first().map_or(0, |cell| cell.rounds.len());
    format!(
        "<p>All functions gave equal answers. They were measured in turn, in {rounds} rounds. One is called faster or \
        slower only where the {:.0} % interval over the rounds excludes that there is no difference, and where it is more \
        than {:.0} %; else they are not distinguishable. The interval stands in brackets.</p>\n",
        CONFIDENCE * 100.0,
        SMALLEST * 100.0
    )
}

fn figure(figure: &Figure) -> String {
    let words = figure.words.iter().map(|words| escape(words)).collect::<Vec<_>>().join("<br>");
    let heading = escape(&figure.heading);
    format!("<figure>\n<h3>{heading}</h3>\n{}\n<figcaption>{words}</figcaption>\n</figure>\n", figure.svg)
}

fn table(group: &Group) -> String {
    let cells = |tag: &str, cells: &[String]| -> String {
        cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect()
    };
    let head = cells("th", &terminal::HEAD.map(str::to_owned));
    let rows: String = group
        .functions
        .iter()
        .map(|function| format!("<tr>{}</tr>\n", cells("td", &terminal::row(function))))
        .collect();
    let heading = escape(&terminal::heading(group));
    format!("<h3>{heading}</h3>\n<div class=\"scroll\"><table>\n<tr>{head}</tr>\n{rows}</table></div>\n")
}
