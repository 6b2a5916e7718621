//! Tables, verdicts and dates as text.

use crate::statistics::Verdict;

/// A table whose first `left` columns hold words, the others figures.
pub fn table(head: &[String], left: usize, rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule = (0..head.len()).map(|column| if column < left { "---|" } else { "---:|" }).collect::<String>();
    let rows: String = rows.iter().map(|row| line(row)).collect();
    format!("{}|{rule}\n{rows}", line(head))
}

/// A name as code.
pub fn code(name: &str) -> String {
    format!("`{name}`")
}

/// A verdict without its interval, where there is one; a gain is bold.
pub fn short(verdict: Option<Verdict>, less: &str, more: &str) -> String {
    let words = verdict.map_or(String::new(), |verdict| verdict.short(less, more));
    if matches!(verdict, Some(Verdict::Less(_))) { format!("**{words}**") } else { words }
}

/// What is hidden until somebody asks for it.
pub fn folded(summary: &str, text: &str) -> String {
    format!("<details>\n<summary>{summary}</summary>\n\n{}\n\n</details>\n", text.trim())
}

/// Seconds since 1970 as a date.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`, for days after 1970.
pub fn date(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_577_836_799, "2019-12-31"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(date(seconds), expected);
        }
    }

    #[test]
    fn a_table_keeps_its_columns_whatever_is_in_them() {
        let words = |words: [&str; 2]| words.map(str::to_owned).to_vec();
        assert_eq!(
            table(&words(["a", "b"]), 1, &[words(["x|y", "1"]), words(["z\nz", "2"])]),
            "| a | b |\n|---|---:|\n| x\\|y | 1 |\n| z z | 2 |\n"
        );
    }
}
