//! Tables and reports as Markdown.

use super::Report;
use super::table::Table;

/// A report as a section of a page: the answer, and all figures folded. The page shows rule and costs once.
pub fn section(report: &Report<'_>) -> String {
    let warnings: String = report.warnings().iter().map(|warning| format!("{warning}\n\n")).collect();
    let sentences: String = report.sentences().iter().map(|sentence| format!("- {sentence}\n")).collect();
    let tables = report.figures().into_iter().chain(report.probe()).chain(report.cold_start_table());
    let details = captioned(tables.chain(report.stages()));
    format!("{}\n\n{warnings}{sentences}\n{}", report.answer(), folded("Every figure", &details))
}

/// The costs of a million calls, and the assumptions. Returns nothing if the costs are unknown.
pub fn costs(report: &Report<'_>) -> Option<String> {
    let (tables, notes) = report.cost_tables()?;
    let notes: String = notes.iter().map(|note| format!("- {note}\n")).collect();
    Some(captioned(tables.into_iter()) + &notes)
}

fn captioned(tables: impl Iterator<Item = Table>) -> String {
    tables.map(|one| format!("{}:\n\n{}\n", one.caption, table(&one.relevant(true)))).collect()
}

/// Renders a table without its caption.
pub fn table(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let escape = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    let head = line(table.columns.iter().map(|column| escape(&column.name)).collect());
    let rule: String = table.columns.iter().map(|column| if column.is_number { "---:|" } else { "---|" }).collect();
    let rows = table.rows.iter().map(|row| line(row.iter().map(|cell| escape(&cell.text)).collect()));
    format!("{head}|{rule}\n{}", rows.collect::<String>())
}

/// Renders a text that is hidden until the reader opens it.
pub fn folded(summary: &str, text: &str) -> String {
    format!("<details>\n<summary>{summary}</summary>\n\n{}\n\n</details>\n", text.trim())
}
