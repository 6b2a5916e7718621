//! A report as text in 100 columns.

use super::Report;
use super::table::Table;
use comfy_table::{CellAlignment, ContentArrangement, Table as Grid, presets};

/// The width of the text.
const WIDTH: u16 = 100;

/// The tables that matter most, then the warnings and the answer.
pub fn text(report: &Report<'_>) -> String {
    let mut text = format!("{}\n{}\n", report.results.title, report.results.machine.line());
    text.extend(report.results.sharing().map(|sentence| sentence + "\n"));
    let mut add = |table: &Table| text.push_str(&format!("\n{}", grid(&table.relevant(false))));
    report.figures().iter().for_each(&mut add);
    report.probe().iter().for_each(&mut add);
    report.cold_start_table().iter().for_each(&mut add);
    let costs = report.cost_tables();
    costs.iter().flat_map(|(tables, _)| tables).for_each(&mut add);
    let units = "Times are milliseconds, CPU s is for 1000 calls.";
    text.push_str(&format!("\n{}", paragraph(&format!("{units} {} --html writes all figures.", report.rule()), "")));
    for note in costs.iter().flat_map(|(_, notes)| notes) {
        text.push_str(&paragraph(note, "- "));
    }
    for sentence in report.warnings().iter().chain(&report.sentences()) {
        text.push_str(&format!("\n{}", paragraph(sentence, "")));
    }
    text.truncate(text.trim_end().len());
    text
}

fn paragraph(text: &str, bullet: &str) -> String {
    let indent = " ".repeat(bullet.len());
    let options = textwrap::Options::new(usize::from(WIDTH)).initial_indent(bullet).subsequent_indent(&indent);
    textwrap::fill(text, options) + "\n"
}

fn grid(table: &Table) -> String {
    let mut grid = Grid::new();
    grid.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    grid.set_header(table.columns.iter().map(|column| &column.name));
    grid.add_rows(table.rows.iter().map(|row| row.iter().map(|cell| &cell.text)));
    for (grid, column) in grid.column_iter_mut().zip(&table.columns) {
        grid.set_padding((0, 2));
        grid.set_cell_alignment(if column.is_number { CellAlignment::Right } else { CellAlignment::Left });
    }
    let lines: Vec<String> = grid.lines().map(|line| line.trim_end().to_owned()).collect();
    format!("{}\n{}\n", table.caption, lines.join("\n"))
}
