//! Published figures: the page of the benchmarks, and regions of other pages, all written from committed results.

use super::markdown::{costs, folded, section, table};
use super::page_tables::{by_machine, comparison, jobs, legend, machines, notes, range, tally, with_sizes};
use super::sections::Report;
use crate::analysis::prices::Prices;
use crate::results::Results;
use anyhow::{Context, Result, ensure};
use std::path::Path;

/// The committed results by name, such as `matrix` and `jobs/csv`.
pub struct Figures(Vec<(String, Results)>);

/// The headings of the page, each with the results below it. A name that ends with a slash stands for a folder.
const SECTIONS: [(&str, &str); 14] = [
    ("The flagship", "matrix"),
    ("The flagship on one core", "one-core/flagship"),
    ("The flagship on every machine and version of Node.js that we measured", "flagship/"),
    ("The suite of jobs", "jobs/"),
    ("The suite of jobs on one core", "one-core/jobs/"),
    ("Beside its peers", "peers"),
    ("Beside its peers on one core", "one-core/peers"),
    ("The pool of threads", "pool"),
    ("Short calls beside long ones", "mix"),
    ("What a call costs besides its work", "echo"),
    ("The same functions without a host", "kernel"),
    ("Other languages", "guests"),
    ("Modules, programs, scripts and components", "programs"),
    ("A queue full of pictures", "queue"),
];

const START: &str = "<!-- figures: ";
const END: &str = "<!-- end of figures -->";

impl Figures {
    /// Reads all results of a folder and its folders.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read, or is not a result of this version.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut all = Vec::new();
        collect(folder, "", &mut all)?;
        all.sort_by(|one: &(String, Results), two| one.0.cmp(&two.0));
        Ok(Self(all))
    }

    fn named(&self, name: &str) -> Vec<&Results> {
        let is = |one: &str| if name.ends_with('/') { one.starts_with(name) } else { one == name };
        self.0.iter().filter(|(one, _)| is(one)).map(|(_, results)| results).collect()
    }

    /// Renders the page of all results.
    pub fn page(&self) -> String {
        let mut page = "# Benchmarks\n\n".to_owned();
        page += "`cargo xtask bench` measured these figures; `cargo xtask codegen` writes this page from the results \
                 in `bench/results`. [Measuring](internals/measuring.md) describes the method.\n";
        if let Some((_, first)) = self.0.first() {
            page += &format!("\n{}\n", Report::new(first, &Prices::default()).rule());
        }
        for (heading, name) in SECTIONS {
            let all = self.named(name);
            if all.is_empty() {
                continue;
            }
            page += &format!("\n## {heading}\n\n{}\n", machines(&all));
            match all[..] {
                [one] if !name.ends_with('/') => {
                    let comparison = table(&comparison(one));
                    page += &format!("{}. {}\n\n{comparison}\n{}", one.title, legend(one), one_section(one));
                }
                _ if name == "flagship/" => {
                    page += &format!("{}\n\n{}\n{}\n", range(&all), table(&by_machine(&all)), legend(all[0]))
                }
                _ => {
                    page += &format!("{} {}\n\n{}\n", tally(&all).trim(), notes(&all), table(&jobs(&all)));
                    let details = all.iter().map(|one| format!("### {}\n\n{}", one.title, one_section(one)));
                    page += &folded("Each job", &details.collect::<Vec<_>>().join("\n"));
                }
            }
        }
        if let Some(costs) =
            self.named("one-core/flagship").first().and_then(|one| costs(&Report::new(one, &Prices::default())))
        {
            page +=
                &format!("\n## What a million calls of the flagship cost\n\nFrom the figures on one core.\n\n{costs}");
        }
        page
    }

    /// Replaces the regions of a text, which begin with `<!-- figures: NAME -->` and end with
    /// `<!-- end of figures -->`.
    ///
    /// # Errors
    /// Returns an error if a region has no end or an unknown name.
    pub fn fill(&self, text: &str) -> Result<String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(START) {
            let (name, after) = after.split_once(" -->").context("a region of figures has no name")?;
            let (_, after) = after.split_once(END).with_context(|| format!("the region {name} has no `{END}`"))?;
            let region = self.region(name)?;
            filled += &format!("{before}{START}{name} -->\n{}\n{END}", region.trim());
            rest = after;
        }
        Ok(filled + rest)
    }

    fn region(&self, name: &str) -> Result<String> {
        let results = match name {
            "jobs" | "jobs-summary" => "jobs/",
            "one-core-jobs-summary" => "one-core/jobs/",
            "flagship" | "flagship-range" => "flagship/",
            name => name,
        };
        let all = self.named(results);
        let known = SECTIONS.iter().any(|(_, section)| *section == results);
        ensure!(known, "there is no part \"{name}\" of the benchmarks");
        let Some(first) = all.first() else {
            let part = match results.split('/').next() {
                Some("programs") => "guests",
                part => part.unwrap_or(results),
            };
            return Ok(format!("Not measured yet. `cargo xtask bench --only {part}` measures it."));
        };
        Ok(match name {
            "jobs" => format!("{}\n{}\n{}", tally(&all), table(&jobs(&all)), machines(&all)),
            "jobs-summary" | "one-core-jobs-summary" => tally(&all),
            "flagship" => format!("{}\n{}", table(&by_machine(&all)), legend(first)),
            "flagship-range" => range(&all),
            "programs" => {
                let prices = Prices::default();
                let ways = with_sizes(&Report::new(first, &prices));
                let against = format!("In brackets: against {}; `=` is not distinguishable.", first.functions[0].name);
                let memory = "The memory is the most that the worker process had during the calls.";
                format!("{}. {against} {memory}\n\n{}\n{}", ways.caption, table(&ways), machines(&all))
            }
            _ => format!("{}\n{} {}", table(&comparison(first)), legend(first), machines(&all)),
        })
    }
}

fn collect(folder: &Path, prefix: &str, all: &mut Vec<(String, Results)>) -> Result<()> {
    for entry in folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))? {
        let file = entry?.path();
        let name = format!("{prefix}{}", file.file_stem().unwrap_or_default().to_string_lossy());
        if file.is_dir() {
            collect(&file, &format!("{name}/"), all)?;
        } else if file.extension().is_some_and(|extension| extension == "json") {
            all.push((name, Results::read(&file)?));
        }
    }
    Ok(())
}

fn one_section(results: &Results) -> String {
    let prices = Prices::default();
    section(&Report::new(results, &prices))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::fixture::{measurement, results};

    fn figures() -> Figures {
        let both = |title: &str, base, other| {
            let mut one = results(vec![measurement("base", "p", base), measurement("other", "p", other)]);
            one.note = Some("A note.".to_owned());
            one.title = title.to_owned();
            one
        };
        Figures(vec![
            ("jobs/csv".to_owned(), both("Sums: a and b", 3_000, 1_000)),
            ("jobs/zip".to_owned(), both("Packing: a and b", 1_000, 2_000)),
            ("flagship/node-22".to_owned(), both("Matrices", 8_000, 1_000)),
            ("flagship/node-24".to_owned(), both("Matrices", 4_000, 1_000)),
            ("matrix".to_owned(), both("Matrices", 8_000, 1_000)),
            ("programs".to_owned(), ways(both("Ways", 1_000, 8_000))),
        ])
    }

    /// Adds the size of the second function, and its memory.
    fn ways(mut results: Results) -> Results {
        results.set_size("other", 2_500_000);
        results.measurements[1].rounds[3].memory_peak = Some(80_000_000);
        results
    }

    #[test]
    fn the_table_of_ways_has_sizes_and_memory() {
        let filled = figures().fill("<!-- figures: programs -->\n<!-- end of figures -->").unwrap();
        assert!(filled.contains("| function | file MB | p | cold start | memory MB |\n"), "{filled}");
        assert!(
            filled.contains("| base | ? | 1.00 |  | ? |\n| other | 2.50 | 8.00 (8.00x slower) |  | 80.0 |\n"),
            "{filled}"
        );
    }

    #[test]
    fn a_region_is_replaced_and_the_text_around_it_stays() {
        let figures = figures();
        let text = "before\n<!-- figures: matrix -->\nold\n<!-- end of figures -->\nafter\n";
        let filled = figures.fill(text).unwrap();
        let row = "| base | 8.00 (8.00x, 8.00 to 8.00) |\n| **other** | 1.00 |\n";
        assert!(filled.starts_with("before\n<!-- figures: matrix -->\n| median ms, one at a time |"), "{filled}");
        assert!(filled.contains(row) && filled.ends_with("<!-- end of figures -->\nafter\n"), "{filled}");
        assert!(!filled.contains("old"), "{filled}");
        assert_eq!(figures.fill(&filled).unwrap(), filled);
        let filled = figures.fill("<!-- figures: pool -->\n<!-- end of figures -->").unwrap();
        assert!(filled.contains("Not measured yet. `cargo xtask bench --only pool` measures it."), "{filled}");
        let error = figures.fill("<!-- figures: ponds -->\n<!-- end of figures -->").unwrap_err().to_string();
        assert_eq!(error, "there is no part \"ponds\" of the benchmarks");
        assert!(figures.fill("<!-- figures: matrix -->").unwrap_err().to_string().contains("has no"));
    }

    #[test]
    fn the_page_has_a_section_for_all_results() {
        let page = figures().page();
        assert!(page.contains("## The flagship\n") && page.contains("### Sums: a and b\n"), "{page}");
        assert!(!page.contains("## Beside its peers"), "{page}");
        let range =
            "With p, other is 4.00x to 8.00x faster than base, by the medians of 2 results.\n\n| processor | Node.js |";
        assert!(page.contains(range), "{page}");
        let tally = "In 2 pairs of a job and a payload, one call at a time, the function in Rust is faster in 1 (3.00x), slower in 1, not distinguishable in 0.";
        assert!(page.contains(tally), "{page}");
    }
}
