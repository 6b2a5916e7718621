//! Over HTTP, through the local host: latency, what a fresh worker costs, and the host's own share.

mod calls;
mod direct;
mod echo;
mod fresh_workers;

use super::row::{Found, Row};
use anyhow::Result;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// What is needed to measure.
#[derive(Debug, Clone)]
pub struct Files {
    /// The `bluecrab` command.
    pub bluecrab: PathBuf,
    /// The folder of the Node.js worker.
    pub worker: PathBuf,
    /// The flagship app, built.
    pub app: PathBuf,
    /// The app that only moves bytes, built.
    pub echo: PathBuf,
    /// The same over bare node:http, a program for Node.js.
    pub bare: PathBuf,
}

/// A measurement that a table or a row is made of, in its unit.
struct Line {
    what: String,
    unit: &'static str,
    found: Found,
}

/// What was measured.
pub struct Http {
    lines: Vec<Line>,
    rows: Vec<Row>,
}

/// Measures one after another, each with its contenders in turn.
pub async fn measure(files: &Files, quick: bool) -> Result<Http> {
    let mut http = Http { lines: Vec::new(), rows: Vec::new() };
    calls::measure(files, quick, &mut http).await?;
    echo::measure(files, quick, &mut http).await?;
    fresh_workers::measure(files, quick, &mut http).await?;
    Ok(http)
}

impl Http {
    /// The figures that follow.
    pub fn rows(&self) -> Vec<Row> {
        self.rows.clone()
    }

    fn line(&mut self, what: impl Into<String>, unit: &'static str, found: impl Into<Found>) {
        self.lines.push(Line { what: what.into(), unit, found: found.into() });
    }

    fn row(&mut self, row: Row) {
        self.rows.push(row);
    }
}

impl fmt::Display for Http {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "over HTTP, concurrency 1, medians (quartiles):\n")?;
        let width = self.lines.iter().map(|line| line.what.chars().count()).max().unwrap_or_default();
        for Line { what, unit, found } in &self.lines {
            match found {
                Found::Measured(spread) => writeln!(formatter, "{what:width$}  {spread}{unit} ({})", spread.range())?,
                Found::Not(why) => writeln!(formatter, "{what:width$}  {why}")?,
            }
        }
        Ok(())
    }
}

fn milliseconds(latency: Duration) -> f64 {
    latency.as_secs_f64() * 1000.0
}
