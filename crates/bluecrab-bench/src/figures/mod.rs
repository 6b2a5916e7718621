//! The figures: every aim, what was measured for it, and the tables behind.

mod http;
mod measured;
mod native;
mod pool;
mod row;
mod spread;
mod stages;

pub use http::Files as HttpFiles;
pub use native::Files as NativeFiles;
pub use pool::Files as PoolFiles;
pub use stages::Files as StagesFiles;

use self::measured::Measured;
use self::row::Row;
use anyhow::Result;
use comfy_table::{Table, presets};
use std::fmt;

/// What to measure, and what is needed for it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The stages in one Node.js process.
    pub stages: Option<StagesFiles>,
    /// Products without WebAssembly.
    pub native: Option<NativeFiles>,
    /// Calls through the local host.
    pub http: Option<HttpFiles>,
    /// The pool of worker threads.
    pub pool: Option<PoolFiles>,
    /// Fewer rounds.
    pub quick: bool,
}

/// What was measured.
pub struct Figures {
    stages: Option<stages::Stages>,
    native: Option<native::Native>,
    http: Option<Measured>,
    pool: Option<Measured>,
    quick: bool,
}

/// Measures; progress goes to standard error.
///
/// # Errors
/// Where a program cannot be run or a call fails, or where answers differ that must agree.
pub async fn run(options: &Options) -> Result<Figures> {
    let mut figures = Figures { stages: None, native: None, http: None, pool: None, quick: options.quick };
    if let Some(files) = &options.stages {
        figures.stages = Some(stages::measure(files, options.quick).await?);
    }
    if let Some(files) = &options.native {
        figures.native = Some(native::measure(files, options.quick).await?);
    }
    if let Some(files) = &options.http {
        figures.http = Some(http::measure(files, options.quick).await?);
    }
    if let Some(files) = &options.pool {
        figures.pool = Some(pool::measure(files, options.quick).await?);
    }
    Ok(figures)
}

impl Figures {
    fn rows(&self) -> Vec<Row> {
        let stages = self.stages.iter().flat_map(stages::Stages::rows);
        let native = self.native.iter().flat_map(native::Native::rows);
        let measured = self.http.iter().chain(&self.pool).flat_map(Measured::rows);
        stages.chain(native).chain(measured).collect()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(stages) = &self.stages {
            writeln!(formatter, "{stages}\n")?;
        }
        if let Some(native) = &self.native {
            writeln!(formatter, "{native}\n")?;
        }
        for measured in self.http.iter().chain(&self.pool) {
            writeln!(formatter, "{measured}")?;
        }
        let rows = self.rows();
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN);
        table.set_header(["what", "aim", "at least", "measured (quartiles)", ""]);
        for row in &rows {
            table.add_row(row.cells());
        }
        writeln!(formatter, "{table}\n")?;
        let count = |verdict| rows.iter().filter(|row| row.verdict() == verdict).count();
        write!(
            formatter,
            "{} of {} aims met, {} more reach what they must at least, {} MISSED, {} not measured.",
            count("met"),
            rows.len(),
            count("at least"),
            count("MISSED"),
            count("not measured")
        )?;
        if self.quick {
            write!(formatter, " Few rounds (--quick): the spread tells how far to trust them.")?;
        }
        Ok(())
    }
}
