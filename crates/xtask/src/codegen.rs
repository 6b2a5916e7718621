//! The generated parts of README and docs: `cargo xtask codegen`.

use crate::command::root;
use anyhow::{Context, Result, ensure};
use bluecrab_bench::report::pages::Figures;
use clap::Args;
use std::fs;

/// Whether to write or to compare.
#[derive(Args)]
#[command(after_help = "Example:\n    cargo xtask codegen --check")]
pub struct CodegenArgs {
    /// Write nothing: fail if a file is out of date
    #[arg(long)]
    check: bool,
}

/// The committed results of `cargo xtask bench`.
pub const RESULTS: &str = "bench/results";
/// This page is generated as a whole.
const PAGE: &str = "docs/benchmarks.md";
/// These pages have regions that are generated.
const WITH_REGIONS: [&str; 4] =
    ["README.md", "docs/other-languages.md", "crates/bluecrab-matrix/README.md", "npm/matrix/README.md"];

/// Writes or compares.
pub fn run(arguments: &CodegenArgs) -> Result<()> {
    if arguments.check { check() } else { write() }
}

/// The generated files with their texts.
fn generated() -> Result<Vec<(&'static str, String)>> {
    let figures = Figures::read(&root().join(RESULTS))?;
    let mut files = vec![(PAGE, figures.page())];
    for file in WITH_REGIONS {
        let text = fs::read_to_string(root().join(file)).with_context(|| format!("cannot read {file}"))?;
        files.push((file, figures.fill(&text).with_context(|| format!("in {file}"))?));
    }
    Ok(files)
}

/// Writes every generated file.
pub fn write() -> Result<()> {
    for (file, text) in generated()? {
        fs::write(root().join(file), text).with_context(|| format!("cannot write {file}"))?;
    }
    println!("── Wrote the figures of {PAGE}, {}", WITH_REGIONS.join(", "));
    Ok(())
}

/// Fails if a generated file is out of date.
pub fn check() -> Result<()> {
    println!("── Compare the figures of README and docs with {RESULTS}");
    for (file, text) in generated()? {
        let found = fs::read_to_string(root().join(file)).unwrap_or_default();
        ensure!(found == text, "{file} does not have the figures of {RESULTS}: run `cargo xtask codegen`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_published_figure_is_that_of_a_committed_result() {
        super::check().unwrap();
    }
}
