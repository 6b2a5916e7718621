//! The results as one HTML file that needs no network: the answer, why it is so, and the details, which are folded.

mod answer;
mod document;
mod plots;
mod svg;
mod tables;

pub use answer::answer;
use document::document;
pub use document::index;

use crate::cost;
use crate::prices::Prices;
use crate::results::Results;
use crate::starts::Starts;
use crate::statistics::{CONFIDENCE, SMALLEST};
use crate::summary::{Group, groups};
use crate::terminal;
use plots::Figure;
use svg::escape;

/// The report.
pub fn page(results: &Results, prices: &Prices) -> String {
    let groups = groups(results);
    let costs = cost::costs(results, prices);
    let sections: Vec<(&str, String)> = sections(results, &groups)
        .into_iter()
        .map(|(heading, words, figures, more)| (heading, section(words, &figures, &more, &groups)))
        .chain([("Cost of a million calls", tables::costs(&costs, prices))])
        .chain([("All figures", all_figures(&groups)), ("How it was measured", method(results))])
        .filter(|(_, html)| !html.is_empty())
        .collect();
    let links = sections.iter().map(|(heading, _)| format!("<a href=\"#{}\">{heading}</a>", id(heading)));
    let mut body = answer::html(results, &groups, &costs, prices);
    body += &list("contents", links);
    for (heading, html) in &sections {
        body += &format!("<section>\n<h2 id=\"{}\">{heading}</h2>\n{html}</section>\n", id(heading));
    }
    document(&results.title, &body)
}

fn id(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-")
}

/// A heading, what the figures below it show, the figures, and what stands below them.
type Section = (&'static str, &'static str, Vec<Figure>, String);

fn sections(results: &Results, groups: &[Group]) -> [Section; 8] {
    let start: Vec<Option<u64>> = results.functions.iter().map(|function| function.memory_at_start).collect();
    let starts = Starts::all(results);
    [
        (
            "Where the time goes",
            "A bar is the median call as the caller sees it. Its parts are what the function says of itself; the rest is \
             the network, the host and the worker.",
            plots::stages(results),
            tables::stages(plots::stages_table(results)),
        ),
        ("Latency against size", "Lower is better; both axes are logarithmic.", plots::sweeps(groups), String::new()),
        (
            "Latencies",
            "How long a call takes that this share of the calls does not exceed: half of them at 50 %, all but one of a \
             hundred at 99 %. Lower is better; where a curve climbs steeply, some calls wait long.",
            plots::distributions(groups),
            String::new(),
        ),
        (
            "Throughput",
            "How many calls a second are answered to callers who each wait for an answer before the next call. More is \
             better.",
            plots::throughput(groups),
            String::new(),
        ),
        (
            "What the load does to others",
            "The 99th percentile of a function that does nothing, in the same app, called beside the load, and \
             alone. Shorter is better: whoever computes on the event loop keeps all others waiting.",
            plots::neighbour(groups),
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
            plots::memory(groups, &start).into_iter().chain(plots::over_time(results)).collect(),
            String::new(),
        ),
        (
            "Cold start",
            "From the start of the host's process to the first answer; a dot is a start, the stroke the median. Less is \
             better. Azure adds the time to find a machine, which is not in it.",
            plots::starts(results),
            tables::starts(&starts),
        ),
    ]
}

/// As many plots stand side by side without being folded.
const PLOTS: usize = 4;

/// The figures of the last payload, which in a sweep is the largest; those before it are folded where they are many.
fn section(words: &str, figures: &[Figure], more: &str, groups: &[Group]) -> String {
    if figures.is_empty() {
        return String::new();
    }
    let last = groups.last().map(|group| group.payload.as_str());
    let loads = groups.iter().filter(|group| last == Some(&group.payload)).count().max(1);
    let shown = if figures.len() <= PLOTS { figures.len() } else { loads };
    let (others, shown) = figures.split_at(figures.len() - shown);
    let others = if others.is_empty() { String::new() } else { folded("The other payloads", &plots_of(others)) };
    let more = if more.is_empty() { String::new() } else { folded("In numbers", more) };
    format!("<p>{words}</p>\n{}{others}{more}", plots_of(shown))
}

fn plots_of(figures: &[Figure]) -> String {
    format!("<div class=\"plots\">\n{}</div>\n", figures.iter().map(figure).collect::<String>())
}

/// What is hidden until somebody asks for it; on paper it is not.
fn folded(summary: &str, html: &str) -> String {
    format!("<details>\n<summary>{}</summary>\n{html}</details>\n", escape(summary))
}

fn all_figures(groups: &[Group]) -> String {
    let table = |group: &Group| folded(&terminal::heading(group), &tables::figures(group));
    let tables: String = groups.iter().map(table).collect();
    format!("<p>Times are milliseconds. {}</p>\n{tables}", escape(terminal::NOTE).replace('`', ""))
}

/// Items of a list, each of them HTML.
fn list(class: &str, items: impl Iterator<Item = String>) -> String {
    let items: String = items.map(|item| format!("<li>{item}</li>")).collect();
    format!("<ul class=\"{class}\">{items}</ul>\n")
}

/// Machine, rule and scenario.
fn method(results: &Results) -> String {
    let rounds = results.cells.first().map_or(0, |cell| cell.rounds.len());
    let workers = if results.fresh_workers { ", each with fresh workers" } else { "" };
    let (machine, scenario) = (escape(&results.machine.line()), escape(results.scenario.trim()));
    format!(
        "<p>{machine}.</p>\n<p>All functions gave equal answers. They were measured in turn, in {rounds} rounds{workers}. One is \
        called faster or slower only where the {:.0} % interval over the rounds, which stands in brackets, excludes that \
        there is no difference, and where it is more than {:.0} %.</p>\n{}",
        CONFIDENCE * 100.0,
        SMALLEST * 100.0,
        folded("The scenario", &format!("<pre>{scenario}</pre>\n"))
    )
}

/// So many sentences are read beside a plot; of more only the first, which sums them up.
const SENTENCES: usize = 4;

fn figure(figure: &Figure) -> String {
    let words: Vec<String> = figure.words.iter().map(|words| escape(words)).collect();
    let words = match words.split_first() {
        Some((first, more)) if words.len() > SENTENCES => first.clone() + &folded("In words", &more.join("<br>")),
        _ => words.join("<br>"),
    };
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
            assert!(page.contains(&format!("\">{heading}</h2>")), "{heading}");
            assert!(page.contains(&format!("<a href=\"#{}\">{heading}</a>", id(heading))), "{heading}");
        }
        let lead = "<p class=\"lead\">Called one at a time, with every payload other is fastest, 2.00x to 200x faster than base.";
        assert!(page.contains(lead), "{page}");
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
