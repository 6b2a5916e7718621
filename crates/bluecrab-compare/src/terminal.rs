//! The results as tables in the terminal, no wider than 100 columns.

use crate::cost;
use crate::crossover::{self, Crossover};
use crate::headline;
use crate::neighbour;
use crate::others;
use crate::prices::Prices;
use crate::results::Results;
use crate::scenario::Load;
use crate::starts::Starts;
use crate::statistics::{CONFIDENCE, SMALLEST, digits};
use crate::summary::{Group, Summary, groups};

/// The columns of all figures.
pub(crate) const HEAD: [&str; 14] = [
    "function",
    "p50",
    "p50 of rounds",
    "p90",
    "p99",
    "p99.9",
    "max",
    "calls",
    "calls/s",
    "CPU s/1000",
    "peak MB",
    "neighbour p99",
    "neighbour alone",
    "median against baseline",
];

/// What the signs mean.
pub(crate) const NOTE: &str = "A percentile needs 1/(1-p) calls, else it is `-`; what cannot be measured here is `?`.";

/// As wide as a table gets.
const WIDTH: u16 = 100;

/// A table for each load, then the neighbour, cold starts, costs, what other programs did, and the answer.
pub fn tables(results: &Results, prices: &Prices) -> String {
    let mut text = format!("{}\n{}\n", results.title, results.machine.line());
    let groups = groups(results);
    let mut loads: Vec<Load> = Vec::new();
    for group in &groups {
        if !loads.contains(&group.load) {
            loads.push(group.load);
        }
    }
    for load in loads {
        let same: Vec<&Group> = groups.iter().filter(|group| group.load == load).collect();
        text.push_str(&format!("\nCalls {load}\n{}", figures(&same)));
    }
    let note = format!(
        "Times are milliseconds, CPU s is for 1000 calls. {NOTE} A difference is said only where the {:.0} % interval over rounds excludes that there \
         is none, and where it is above {:.0} %. More figures are in the page that --html writes.",
        CONFIDENCE * 100.0,
        SMALLEST * 100.0
    );
    text.push_str(&format!("\n{}", wrapped(&note, "")));
    let (head, rows) = neighbour::table(&groups);
    if !rows.is_empty() {
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        text.push_str(&format!("\nThe neighbour's p99 alone, and beside the calls\n{}", grid(&head, rows, &[0, 1])));
    }
    let starts = Starts::all(results);
    if !starts.is_empty() {
        text.push_str(&format!("\nCold starts, seconds from the host's start to the first answer\n{}", cold(&starts)));
    }
    let costs = cost::costs(results, prices);
    if !costs.is_empty() {
        let (consumption, flex) = cost::rows(&costs);
        let currency = &prices.currency;
        text.push_str(&format!(
            "\nA million calls on Azure's Consumption plan, {currency}\n{}\nAnd on Flex Consumption\n{}\n",
            grid(&cost::CONSUMPTION, consumption, &[0, 1, 5]),
            grid(&cost::FLEX, flex, &[0, 1, 4])
        ));
        for line in cost::hidden(&costs, prices).into_iter().chain(cost::assumptions(&costs, prices)) {
            text.push_str(&wrapped(&line, "- "));
        }
    }
    text.push('\n');
    // The first sweep's are in the answer.
    for (load, sweep) in crossover::sweeps(&groups).iter().filter(|(_, sweep)| sweep.len() > 1).skip(1) {
        for (index, function) in sweep[0].functions.iter().enumerate() {
            if let Some(crossover) = Crossover::of(sweep, index) {
                let words = crossover.words();
                let said = format!("{}, by the median latency of calls {load}: {words}.", function.function);
                text.push_str(&wrapped(&said, ""));
            }
        }
    }
    if let Some(sentence) = others::sentence(results) {
        text.push_str(&wrapped(&sentence, ""));
    }
    for said in headline::sentences(&groups, &costs, &prices.currency) {
        text.push_str(&wrapped(&said.join(" "), ""));
    }
    text.truncate(text.trim_end().len());
    text
}

/// A paragraph no wider than the tables.
fn wrapped(text: &str, bullet: &str) -> String {
    let indent = " ".repeat(bullet.len());
    let mut lines = bullet.to_owned();
    let mut width = bullet.len();
    for (index, word) in text.split(' ').enumerate() {
        let letters = word.chars().count();
        if index > 0 && width + 1 + letters > usize::from(WIDTH) {
            lines.push_str(&format!("\n{indent}"));
            width = indent.len();
        } else if index > 0 {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += letters;
    }
    lines + "\n"
}

/// What a table is of.
pub(crate) fn heading(group: &Group) -> String {
    let bytes = format!("{} in, {} out", bytes(group.bytes_in as u64), bytes(group.bytes_out as u64));
    format!("{}, {} ({bytes})", group.payload, group.load)
}

/// A table whose columns stand to the right, but those of words; a column that says nothing is left out. Where it would be
/// too wide, the columns of names, which are the first ones, are cut.
fn grid(head: &[&str], rows: Vec<Vec<String>>, words: &[usize]) -> String {
    let says = |column: &usize| rows.iter().any(|row| !["", "?", "-"].contains(&row[*column].as_str()));
    let columns: Vec<usize> = (0..head.len()).filter(|column| words.contains(column) || says(column)).collect();
    let width = |column: &usize| {
        let cells = rows.iter().map(|row| row[*column].as_str()).chain([head[*column]]);
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = columns.iter().map(width).collect();
    let names = words.iter().filter(|column| **column < 2).count();
    let limit = usize::from(WIDTH) + 2 - 2 * columns.len();
    while widths.iter().sum::<usize>() > limit {
        let Some(widest) = widths[..names].iter_mut().max().filter(|widest| **widest > 4) else { break };
        *widest -= 1;
    }
    let line = |cells: &[&str]| {
        let mut line = String::new();
        for (column, width) in columns.iter().zip(&widths) {
            let cell = cut(cells[*column], *width);
            let padding = " ".repeat(width - cell.chars().count());
            let cell = if words.contains(column) { cell + &padding } else { padding + &cell };
            line.push_str(&cell);
            line.push_str("  ");
        }
        line.trim_end().to_owned() + "\n"
    };
    let rows = rows.iter().map(|row| line(&row.iter().map(String::as_str).collect::<Vec<_>>()));
    std::iter::once(line(head)).chain(rows).collect()
}

/// A text of so many letters at most.
fn cut(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    text.chars().take(letters.saturating_sub(1)).chain(['…']).collect()
}

fn figures(groups: &[&Group]) -> String {
    let head = ["payload", "function", "p50", "p99", "calls/s", "CPU s", "peak MB", "median against baseline"];
    let of = |group: &&Group| {
        let payload = group.payload.clone();
        group
            .functions
            .iter()
            .map(row)
            .map(move |row| {
                let figures = [1, 4, 8, 9, 10, 13].map(|column| row[column].clone());
                [vec![payload.clone(), row[0].clone()], figures.into()].concat()
            })
            .collect::<Vec<_>>()
    };
    grid(&head, groups.iter().flat_map(of).collect(), &[0, 1, 7])
}

fn cold(starts: &[Starts]) -> String {
    let row = |starts: &Starts| {
        let verdict = match starts.verdict {
            Some(verdict) => verdict.words("faster", "slower"),
            None if starts.function == 0 => "baseline".to_owned(),
            None => "-".to_owned(),
        };
        let times = [starts.median, starts.fastest, starts.slowest].map(digits);
        [vec![starts.name.clone(), starts.seconds.len().to_string()], times.into(), vec![verdict]].concat()
    };
    let head = ["function", "starts", "median", "min", "max", "against baseline"];
    grid(&head, starts.iter().map(row).collect(), &[0, 5])
}

/// A row of all figures.
pub(crate) fn row(function: &Summary) -> Vec<String> {
    let time = |seconds: Option<f64>| seconds.map_or("-".to_owned(), milliseconds);
    let unknown = || "?".to_owned();
    vec![
        function.function.clone(),
        time(function.p50),
        function
            .spread
            .map_or("-".to_owned(), |spread| format!("{} to {}", milliseconds(spread.low), milliseconds(spread.high))),
        time(function.p90),
        time(function.p99),
        time(function.p999),
        time(function.slowest),
        function.calls.to_string(),
        digits(function.rate),
        function.cpu.map_or_else(unknown, digits),
        function.memory_peak.map_or_else(unknown, |bytes| digits(bytes as f64 / 1e6)),
        function.neighbour.text(),
        function.neighbour_alone.text(),
        function.median.map_or("baseline".to_owned(), |verdict| verdict.words("faster", "slower")),
    ]
}

/// Seconds as milliseconds, three digits.
pub(crate) fn milliseconds(seconds: f64) -> String {
    digits(seconds * 1e3)
}

/// A number of bytes in the unit that suits it.
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", digits(bytes as f64 / 1e3)),
        _ => format!("{} MB", digits(bytes as f64 / 1e6)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{cell, results};

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let name = "a-function-with-a-name-that-is-rather-long";
        let mut cells = vec![cell("base", "payload", 3_000_000), cell(name, "payload", 20_000)];
        for cell in &mut cells {
            for round in &mut cell.rounds {
                (round.cpu_seconds, round.memory_peak) = (Some(2.0), Some(1_234_567_890));
                round.neighbour = Some(crate::fixture::latencies(&[123_456; 20]));
            }
        }
        let mut results = results(cells);
        results.functions.iter_mut().for_each(|function| function.cold_starts = vec![1.5; 10]);
        let text = tables(&results, &Prices::default());
        let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > usize::from(WIDTH)).collect();
        assert!(wide.is_empty(), "{wide:#?}");
        for part in ["150x faster", "Cold starts", "A million calls", "as of", "a-function-wi"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn what_is_not_known_has_no_column() {
        let text = tables(&results(vec![cell("base", "p", 10), cell("other", "p", 10)]), &Prices::default());
        assert!(!text.contains("CPU s  ") && !text.contains("peak MB") && !text.contains("Cold"), "{text}");
        assert!(text.contains("other and base are not distinguishable."), "{text}");
    }

    #[test]
    fn a_paragraph_is_broken_between_words() {
        let text = wrapped(&"word ".repeat(40), "- ");
        assert!(
            text.lines().all(|line| line.chars().count() <= 100) && text.lines().nth(1).unwrap().starts_with("  word")
        );
    }
}
