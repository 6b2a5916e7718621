//! The stages of a product in one Node.js process, ours and those of the peers: what `bench/stages` measures.

use super::row::Row;
use super::spread::Spread;
use anyhow::{Context, Result, bail};
use comfy_table::{CellAlignment, Table, presets};
use serde::Deserialize;
use std::fmt;
use std::path::PathBuf;
use std::process::Stdio;
use tokio::process::Command;

/// What is needed to measure the stages.
#[derive(Debug, Clone)]
pub struct Files {
    /// The program for Node.js.
    pub script: PathBuf,
    /// `bench_matrix.wasm`.
    pub module: PathBuf,
    /// The JavaScript beside the module of the 2019 way.
    pub glue: PathBuf,
    /// The sizes of the matrices; none means all.
    pub sizes: Vec<usize>,
}

/// What the program prints.
#[derive(Debug, Deserialize)]
pub struct Stages {
    node: String,
    sizes: Vec<AtSize>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AtSize {
    size: usize,
    bytes_in: usize,
    bytes_out: usize,
    /// GFLOP/s of multiply and add over pairs of doubles, a sample a round, taken right before ours.
    peak: Vec<f64>,
    contenders: Vec<Contender>,
}

/// Milliseconds of the whole and of each stage.
#[derive(Debug, Deserialize)]
struct Contender {
    name: String,
    whole: Vec<f64>,
    stages: Vec<Stage>,
}

#[derive(Debug, Deserialize)]
struct Stage {
    name: String,
    samples: Vec<f64>,
}

const OURS: &str = "Bluecrab";
const MATHJS: &str = "Math.js";
const MATHJS_ALONE: &str = "Math.js in a process of its own";
const WAY_OF_2019: &str = "the 2019 way";
const NUMPY_TS: &str = "numpy-ts";

/// Runs the program; its progress goes to standard error.
pub async fn measure(files: &Files, quick: bool) -> Result<Stages> {
    let mut command = Command::new("node");
    // The WASI of Node.js, which the module's instance is given, calls itself experimental.
    command.arg("--no-warnings").arg(&files.script);
    command.arg("--module").arg(&files.module).arg("--glue").arg(&files.glue);
    if !files.sizes.is_empty() {
        let sizes: Vec<String> = files.sizes.iter().map(usize::to_string).collect();
        command.args(["--sizes", &sizes.join(",")]);
    }
    command.args(quick.then_some("--quick")).stdout(Stdio::piped()).kill_on_drop(true);
    let output = command.spawn().context("cannot start node")?.wait_with_output().await?;
    if !output.status.success() {
        bail!("{} failed ({})", files.script.display(), output.status);
    }
    serde_json::from_slice(&output.stdout).context("bench/stages prints no result")
}

impl Stages {
    /// The figures that follow.
    pub fn rows(&self) -> Vec<Row> {
        let ratio = |size, other| Spread::ratio(self.whole(size, other)?, self.whole(size, OURS)?);
        let product = |name| self.stage(300, name, "multiply");
        let alone = |size| format!("bytes to bytes in Wasm at {size}, against {MATHJS_ALONE}");
        let mut rows = vec![
            Row::more(alone(300), "x", [20.0, 14.0], ratio(300, MATHJS_ALONE)),
            Row::more("the same against the 2019 way", "x", [10.0, 8.5], ratio(300, WAY_OF_2019)),
            Row::more(alone(1000), "x", [65.0, 50.0], ratio(1000, MATHJS_ALONE)),
            Row::more("bytes to bytes at 2, against Math.js", "x", [12.0, 8.0], ratio(2, MATHJS)),
            Row::more(
                "product alone at 300, against numpy-ts",
                "x",
                [1.5, 1.2],
                product(NUMPY_TS).zip(product(OURS)).and_then(|(theirs, ours)| Spread::ratio(theirs, ours)),
            ),
            Row::less("parse in Wasm at 300, a number", " ns", [16.0, 20.0], self.per_number(300, "parse", 2)),
            Row::less("print in Wasm at 300, a number", " ns", [26.0, 34.0], self.per_number(300, "print", 1)),
        ];
        for size in [100, 300, 600, 1000] {
            let what = format!("multiply in Wasm at {size}, share of the f64x2 mul+add peak");
            rows.push(Row::more(what, " %", [70.0, 60.0], self.share_of_peak(size)));
        }
        rows
    }

    fn at(&self, size: usize) -> Option<&AtSize> {
        self.sizes.iter().find(|at_size| at_size.size == size)
    }

    fn contender(&self, size: usize, name: &str) -> Option<&Contender> {
        self.at(size)?.contenders.iter().find(|contender| contender.name == name)
    }

    fn whole(&self, size: usize, name: &str) -> Option<&[f64]> {
        Some(&self.contender(size, name)?.whole)
    }

    fn stage(&self, size: usize, name: &str, stage: &str) -> Option<&[f64]> {
        let stages = &self.contender(size, name)?.stages;
        Some(&stages.iter().find(|candidate| candidate.name == stage)?.samples)
    }

    /// Nanoseconds a number of our stage that handles so many matrices.
    fn per_number(&self, size: usize, stage: &str, matrices: usize) -> Option<Spread> {
        Some(Spread::of(self.stage(size, OURS, stage)?)?.scale(1e6 / (matrices * size * size) as f64))
    }

    /// GFLOP/s of our product.
    fn speed(&self, size: usize) -> Option<Spread> {
        Some(Spread::of(self.stage(size, OURS, "multiply")?)?.divide(gigaflop(size) * 1e3))
    }

    /// Percent of the peak of the same round.
    fn share_of_peak(&self, size: usize) -> Option<Spread> {
        let share = |ms: f64, peak: f64| gigaflop(size) * 1e3 / ms / peak * 100.0;
        Spread::of_pairs(self.stage(size, OURS, "multiply")?, &self.at(size)?.peak, share)
    }
}

/// The floating-point operations of a product of squares, in billions.
fn gigaflop(size: usize) -> f64 {
    2.0 * (size as f64).powi(3) / 1e9
}

impl fmt::Display for Stages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for at_size in &self.sizes {
            let AtSize { size, bytes_in, bytes_out, .. } = at_size;
            writeln!(formatter, "{size}x{size}: {bytes_in} bytes in, {bytes_out} bytes out, µs\n")?;
            writeln!(formatter, "{}", at_size.table())?;
            let [parse, print] =
                [("parse", 2), ("print", 1)].map(|(stage, matrices)| self.per_number(*size, stage, matrices));
            if let (Some(parse), Some(print), Some(speed), Some(share)) =
                (parse, print, self.speed(*size), self.share_of_peak(*size))
            {
                writeln!(
                    formatter,
                    "{OURS}: parse {parse} ns a number, print {print} ns a number, multiply {speed} GFLOP/s, {share} % of the peak\n"
                )?;
            }
        }
        let peaks: Vec<f64> = self.sizes.iter().flat_map(|at_size| &at_size.peak).copied().collect();
        if let Some(peak) = Spread::of(&peaks) {
            writeln!(formatter, "Measured f64x2 mul+add peak: {peak} GFLOP/s ({}).", peak.range())?;
        }
        write!(formatter, "Node.js {}; all but {MATHJS_ALONE} in one process.", self.node)
    }
}

impl AtSize {
    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN);
        table.set_header(["", "bytes to bytes", "quartiles", "samples", "stages"]);
        for contender in &self.contenders {
            let Some(whole) = Spread::of(&contender.whole).map(|whole| whole.scale(1000.0)) else { continue };
            let stages: Vec<String> = contender.stages.iter().filter_map(Stage::median).collect();
            let samples = contender.whole.len().to_string();
            table.add_row([contender.name.clone(), whole.to_string(), whole.range(), samples, stages.join(" / ")]);
        }
        for column in table.column_iter_mut().skip(1).take(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }
}

impl Stage {
    fn median(&self) -> Option<String> {
        Some(format!("{} {}", self.name, Spread::of(&self.samples)?.scale(1000.0)))
    }
}
