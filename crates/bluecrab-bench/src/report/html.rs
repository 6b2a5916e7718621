//! A report as one HTML page that needs no network: the answer, plots, and all figures.

use super::Report;
use super::plots::{self, Figure};
use super::table::{Table, Tone};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");

/// Renders the page.
pub fn page(report: &Report<'_>) -> String {
    let sections: Vec<Section> = sections(report).into_iter().filter(|section| !section.is_empty()).collect();
    let id = |heading: &str| heading.to_lowercase().replace(' ', "-");
    let body = html! {
        p.lead { (report.answer()) }
        @for warning in report.warnings() { p { (warning) } }
        (table(&report.overview().relevant(true)))
        (words(&report.sentences()))
        ul.contents {
            @for section in &sections { li { a href=(format!("#{}", id(section.heading))) { (section.heading) } } }
        }
        @for section in &sections {
            section {
                h2 id=(id(section.heading)) { (section.heading) }
                p { (section.words) }
                (section.render(report))
            }
        }
        section {
            h2 id="how-it-was-measured" { "How it was measured" }
            p { (report.results.machine.line()) ". " (report.results.sharing().unwrap_or_default()) }
            p { "All functions returned equal answers. Each round measured them in another order. " (report.rule()) }
            (folded("The scenario", &html! { pre { (report.results.scenario.trim()) } }))
        }
    };
    document(&report.results.title, &body)
}

/// Renders a page that links reports, with the title, address and answer of each.
pub fn index(title: &str, reports: &[(String, String, String)]) -> String {
    let body = html! {
        ul.index {
            @for (title, address, answer) in reports { li { a href=(address) { (title) } p { (answer) } } }
        }
    };
    document(title, &body)
}

fn document(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { h1 { (title) } (body) } }
        }
    };
    page.into_string()
}

/// A topic: what its plots show, the plots, and what is folded below them.
struct Section {
    heading: &'static str,
    words: &'static str,
    figures: Vec<Figure>,
    tables: Vec<Table>,
    notes: Vec<String>,
}

impl Section {
    fn new(heading: &'static str, words: &'static str, figures: Vec<Figure>) -> Self {
        Self { heading, words, figures, tables: Vec::new(), notes: Vec::new() }
    }

    fn with(self, tables: impl IntoIterator<Item = Table>, notes: Vec<String>) -> Self {
        Self { tables: tables.into_iter().collect(), notes, ..self }
    }

    fn is_empty(&self) -> bool {
        self.figures.is_empty() && self.tables.is_empty()
    }

    /// Shows the plots of the last payload, the largest of a sweep, and folds the others if they are many.
    fn render(&self, report: &Report<'_>) -> Markup {
        let last = report.groups.last().map(|group| &group.payload);
        let loads = report.groups.iter().filter(|group| last == Some(&group.payload)).count().max(1);
        let shown = if self.figures.len() <= PLOTS { self.figures.len() } else { loads.min(self.figures.len()) };
        let (others, shown) = self.figures.split_at(self.figures.len() - shown);
        html! {
            (plots_of(shown))
            @if !others.is_empty() { (folded("The other payloads", &plots_of(others))) }
            @if !self.tables.is_empty() {
                (folded("In numbers", &html! { @for one in &self.tables { (table(&one.relevant(true))) } }))
            }
            @if !self.notes.is_empty() {
                (folded("What is assumed", &html! { ul.assumed { @for note in &self.notes { li { (note) } } } }))
            }
        }
    }
}

/// How many plots a topic shows before it folds the others.
const PLOTS: usize = 4;

fn sections(report: &Report<'_>) -> Vec<Section> {
    let Report { results, groups, .. } = report;
    let start: Vec<Option<u64>> = results.functions.iter().map(|function| function.memory_at_start).collect();
    let (costs, assumed) =
        report.cost_tables().map_or((Vec::new(), Vec::new()), |(tables, notes)| (tables.into(), notes));
    vec![
        Section::new(
            "Where the time goes",
            "A bar is the median call as the caller sees it. Its parts are what the function reports; the rest is the \
             network, the host and the worker.",
            plots::stages(results),
        )
        .with(report.stages(), Vec::new()),
        Section::new("Latency against size", "Lower is better; both axes are logarithmic.", plots::sweeps(groups)),
        Section::new(
            "Latencies",
            "The time that this share of the calls does not exceed: half of them at 50 %, all but one of a hundred at \
             99 %. Lower is better; a steep curve means that some calls wait long.",
            plots::distributions(groups),
        ),
        Section::new(
            "Throughput",
            "The calls a second of callers who each wait for an answer before the next call. More is better.",
            plots::throughput(groups),
        ),
        Section::new(
            "What the load does to others",
            "The 99th percentile of the probe, a function that does nothing in the same worker, during the load and \
             without load. Shorter is better: a function that computes on the event loop keeps all others waiting.",
            plots::probe(groups),
        )
        .with(report.probe(), Vec::new()),
        Section::new(
            "Processor time",
            "What the worker uses for a thousand calls, in seconds of one core. Shorter is better.",
            plots::processor(groups),
        ),
        Section::new(
            "Memory",
            "The resident memory of the worker. Less is better.",
            plots::memory(groups, &start).into_iter().collect(),
        ),
        Section::new(
            "Cold start",
            "From the start of the host's process to the first answer, by the median. Less is better. Azure adds the \
             time to find a machine, which is not included.",
            plots::starts(&report.cold_starts),
        )
        .with(report.cold_start_table(), Vec::new()),
        Section::new(
            "Cost of a million calls",
            "On Azure Functions, from the time and memory measured here. On Flex Consumption, “busy” instances always \
             have calls; “single” calls are so far apart that each wakes an instance.",
            plots::costs(&report.costs, report.prices),
        )
        .with(costs, assumed),
        Section::new("All figures", "Times are milliseconds, CPU s is for 1000 calls.", Vec::new())
            .with(report.figures(), Vec::new()),
    ]
}

fn plots_of(figures: &[Figure]) -> Markup {
    html! {
        @if !figures.is_empty() {
            div.plots {
                @for one in figures {
                    figure {
                        h3 { (one.heading) }
                        (one.key)
                        (PreEscaped(&one.svg))
                        figcaption { (words(&one.words)) }
                    }
                }
            }
        }
    }
}

/// The first sentence sums up the others, which are folded if they are many.
fn words(sentences: &[String]) -> Markup {
    const SHOWN: usize = 4;
    match sentences.split_first() {
        Some((first, more)) if sentences.len() > SHOWN => {
            html! { (first) (folded("In words", &html! { @for one in more { (one) br; } })) }
        }
        _ => html! { @for one in sentences { p { (one) } } },
    }
}

/// Hides content until the reader opens it. On paper it is printed.
fn folded(summary: &str, content: &Markup) -> Markup {
    html! { details { summary { (summary) } (content) } }
}

fn table(table: &Table) -> Markup {
    let class = |is_number: bool| is_number.then_some("n");
    let tone = |tone: Tone| match tone {
        Tone::Plain => None,
        Tone::Good => Some("good"),
        Tone::Bad => Some("bad"),
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label=(table.caption) {
            table {
                caption { span { (table.caption) } }
                thead {
                    tr { @for column in &table.columns { th scope="col" class=[class(column.is_number)] { (column.name) } } }
                }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @for (index, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
                                @if index == 0 {
                                    th scope="row" { (cell.text) }
                                } @else {
                                    td class=[class(column.is_number)] { span class=[tone(cell.tone)] { (cell.text) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
