//! The first screen: the answer in a sentence, in a table, and in words.

use super::{folded, plots, svg};
use crate::cost::Costs;
use crate::prices::Prices;
use crate::results::{FunctionResult, Results};
use crate::starts::Starts;
use crate::statistics::Verdict;
use crate::summary::{Group, Summary, group};
use crate::terminal::milliseconds;
use crate::{fastest, headline, markdown::payloads::payloads, others};
use svg::escape;

/// The answer in one sentence.
pub fn answer(results: &Results) -> String {
    if results.functions.len() < 2 {
        return "One function, and nothing to compare it with.".to_owned();
    }
    let sentence = fastest::sentence(results);
    if sentence.is_empty() { "Too few rounds for a verdict: measure at least 8.".to_owned() } else { sentence }
}

/// All of it, as HTML.
pub fn html(results: &Results, groups: &[Group], costs: &[Costs], prices: &Prices) -> String {
    let said = headline::sentences(groups, costs, &prices.currency);
    let words: String = said.iter().map(|lines| format!("<p>{}</p>\n", escape(&lines.join(" ")))).collect();
    // Several paragraphs are no answer.
    let words = if said.len() > 1 { folded("Each function in words", &words) } else { words };
    let disturbed = others::sentence(results).map_or(String::new(), |said| format!("<p>{}</p>\n", escape(&said)));
    format!("<p class=\"lead\">{}</p>\n{disturbed}{}{words}", escape(&answer(results)), table(results))
}

/// The medians of every function with every payload, where calls do not wait for one another, and how it starts.
fn table(results: &Results) -> String {
    let groups: Vec<Group> = payloads(results).iter().filter_map(|payload| group(payload.single)).collect();
    let Some(first) = groups.first() else { return String::new() };
    let starts = Starts::all(results);
    let start = if starts.is_empty() { "" } else { "<th scope=\"col\" class=\"n\">cold start</th>" };
    let head = |group: &Group| format!("<th scope=\"col\" class=\"n\">{}</th>", escape(&group.payload));
    let row = |(index, function): (usize, &FunctionResult)| {
        let cells: String = groups.iter().filter_map(|group| group.functions.get(index)).map(median).collect();
        let one = starts.iter().find(|start| start.function == index);
        let start = one.map_or(String::new(), |start| cell(Some(start.median), start.verdict, index > 0));
        let (sample, name) = (svg::sample(plots::colour(index)), escape(&function.name));
        format!("<tr><th scope=\"row\">{sample} {name}</th>{cells}{start}</tr>\n")
    };
    let heads: String = groups.iter().map(head).collect();
    let rows: String = results.functions.iter().enumerate().map(row).collect();
    let caption = escape(&format!("Median milliseconds, called {}", first.load));
    super::tables::scrolling(
        &caption,
        &format!("<thead><tr><th scope=\"col\">function</th>{heads}{start}</tr></thead>\n<tbody>\n{rows}</tbody>"),
    )
}

fn median(function: &Summary) -> String {
    cell(function.p50, function.median, function.median.is_some())
}

/// A time with what it is against the baseline's, which itself has none.
fn cell(seconds: Option<f64>, verdict: Option<Verdict>, compared: bool) -> String {
    let time = seconds.map_or("-".to_owned(), milliseconds);
    let class = match verdict {
        Some(Verdict::Less(_)) => "good",
        Some(Verdict::More(_)) => "bad",
        Some(Verdict::NotDistinguishable(_) | Verdict::TooFewRounds) | None => "even",
    };
    let unknown = if compared { "-" } else { "baseline" };
    let words = verdict.map_or(unknown.to_owned(), |verdict| verdict.short("faster", "slower"));
    format!("<td class=\"n\">{time}<small class=\"{class}\">{words}</small></td>")
}
