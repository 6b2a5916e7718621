//! A report as text for a terminal.

use super::Report;
use super::table::Table;
use comfy_table::{CellAlignment, ContentArrangement, Table as Grid, presets};

/// The tables that matter most, then the warnings and the answer, in lines of this width.
pub fn text(report: &Report<'_>, width: u16) -> String {
    let paragraph = |text: &str, bullet| paragraph(text, bullet, width);
    let head = [report.results.title.clone(), report.results.machine.line()];
    let head = head.into_iter().chain(report.results.sharing());
    let mut text: String = head.map(|sentence| paragraph(&sentence, "")).collect();
    let mut add = |table: &Table| text.push_str(&format!("\n{}", grid(&table.relevant(false), width)));
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

fn paragraph(text: &str, bullet: &str, width: u16) -> String {
    let indent = " ".repeat(bullet.len());
    let options = textwrap::Options::new(usize::from(width)).initial_indent(bullet).subsequent_indent(&indent);
    textwrap::fill(text, options) + "\n"
}

fn grid(table: &Table, width: u16) -> String {
    let mut grid = Grid::new();
    grid.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    grid.set_header(table.columns.iter().map(|column| &column.name));
    grid.add_rows(table.rows.iter().map(|row| row.iter().map(|cell| &cell.text)));
    for (grid, column) in grid.column_iter_mut().zip(&table.columns) {
        grid.set_padding((0, 2));
        grid.set_cell_alignment(if column.is_number { CellAlignment::Right } else { CellAlignment::Left });
    }
    let lines: Vec<String> = grid.lines().map(|line| line.trim_end().to_owned()).collect();
    format!("{}{}\n", paragraph(&table.caption, "", width), lines.join("\n"))
}
