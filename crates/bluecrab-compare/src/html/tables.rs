//! Tables, whose heads say to what they belong.

use super::svg::escape;
use crate::cost::{self, Costs};
use crate::prices::Prices;
use crate::starts::Starts;
use crate::statistics::digits;
use crate::summary::Group;
use crate::terminal;

/// A table with a caption; the first cell of a row names it, or its payload and function do. Words stand to the left,
/// numbers to the right.
fn table(caption: &str, head: &[String], rows: &[Vec<String>]) -> String {
    let number = |text: &String| ["-", "?", ""].contains(&text.as_str()) || text.parse::<f64>().is_ok();
    let class = |column: usize| {
        let numbers = rows.iter().all(|row| row.get(column).is_none_or(number));
        if numbers { " class=\"n\"" } else { "" }
    };
    let classes: Vec<&str> = (0..head.len()).map(class).collect();
    let names = if head.first().is_some_and(|first| first == "payload") { 2 } else { 1 };
    let titles = head.iter().zip(&classes);
    let titles: String =
        titles.map(|(text, class)| format!("<th scope=\"col\"{class}>{}</th>", escape(text))).collect();
    let cell = |(index, (text, class)): (usize, (&String, &&str))| {
        let text = escape(text);
        if index < names { format!("<th scope=\"row\">{text}</th>") } else { format!("<td{class}>{text}</td>") }
    };
    let row = |row: &Vec<String>| {
        format!("<tr>{}</tr>\n", row.iter().zip(&classes).enumerate().map(cell).collect::<String>())
    };
    let (caption, rows) = (escape(caption), rows.iter().map(row).collect::<String>());
    scrolling(&caption, &format!("<thead><tr>{titles}</tr></thead>\n<tbody>\n{rows}</tbody>"))
}

/// A table that scrolls by itself where it is wider than the page; both are HTML.
pub fn scrolling(caption: &str, table: &str) -> String {
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\"><table>\n\
        <caption><span>{caption}</span></caption>\n{table}</table></div>\n"
    )
}

/// All figures of a payload under a load.
pub fn figures(group: &Group) -> String {
    let rows: Vec<Vec<String>> = group.functions.iter().map(terminal::row).collect();
    table(&terminal::heading(group), &terminal::HEAD.map(str::to_owned), &rows)
}

/// Medians, least and greatest of the cold starts.
pub fn starts(starts: &[Starts]) -> String {
    if starts.is_empty() {
        return String::new();
    }
    let row = |starts: &Starts| {
        let verdict = starts.verdict.map_or(String::new(), |verdict| verdict.words("faster", "slower"));
        let times = [starts.median, starts.fastest, starts.slowest].map(digits);
        [vec![starts.name.clone(), starts.seconds.len().to_string()], times.into(), vec![verdict]].concat()
    };
    let head = ["function", "starts", "median", "min", "max", "against baseline"].map(str::to_owned);
    table("Cold starts in seconds", &head, &starts.iter().map(row).collect::<Vec<_>>())
}

/// The stages in numbers.
pub fn stages(stages: Option<(Vec<String>, Vec<Vec<String>>)>) -> String {
    stages.map_or(String::new(), |(head, rows)| table("Medians of the parts in milliseconds", &head, &rows))
}

/// The section on costs.
pub fn costs(costs: &[Costs], prices: &Prices) -> String {
    if costs.is_empty() {
        return String::new();
    }
    let (consumption, flex) = cost::rows(costs);
    let currency = &prices.currency;
    let consumption =
        table(&format!("Consumption plan, {currency}"), &cost::CONSUMPTION.map(str::to_owned), &consumption);
    let flex = table(&format!("Flex Consumption plan, {currency}"), &cost::FLEX.map(str::to_owned), &flex);
    let hidden = cost::hidden(costs, prices).map_or(String::new(), |line| format!("<p>{}</p>\n", escape(&line)));
    let assumed = cost::assumptions(costs, prices).into_iter().map(|line| escape(&line));
    format!(
        "<p>On Azure Functions, from the time and memory measured here. On Flex Consumption “busy” is for instances that \
        always have calls, “single” for calls so far apart that each wakes an instance.</p>\n\
        {}{hidden}{}{}",
        super::plots_of(&super::plots::costs(costs, prices)),
        super::folded("In numbers", &format!("<div class=\"pair\">\n{consumption}{flex}</div>\n")),
        super::folded("What is assumed", &super::list("assumed", assumed))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_name_their_cells_and_numbers_stand_to_the_right() {
        let [head, row] =
            [["function", "p50", "verdict"], ["<f>", "0.5", "2x faster"]].map(|row| row.map(str::to_owned));
        let html = table("all", &head, &[row.to_vec()]);
        for part in [
            "<caption><span>all</span></caption>",
            "<th scope=\"col\" class=\"n\">p50</th><th scope=\"col\">verdict</th>",
            "<tr><th scope=\"row\">&lt;f&gt;</th><td class=\"n\">0.5</td><td>2x faster</td></tr>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }
}
