//! Products without WebAssembly, against OpenBLAS on one thread: two processes asked in turn.

use super::row::{Found, Row};
use super::spread::Spread;
use anyhow::{Context, Result, bail};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

const SIZES: [usize; 2] = [300, 1000];
const NEEDS_PYTHON: &str = "not measured: needs python3 with pip";
const NO_FMA: &str = "not there: this processor does not fuse";

/// What is needed to measure.
#[derive(Debug, Clone)]
pub struct Files {
    /// The program `bench-matrix`.
    pub program: PathBuf,
    /// `numpy_matmul.py`.
    pub script: PathBuf,
    /// Where a virtual environment with numpy is, or will be created.
    pub environment: PathBuf,
}

/// Seconds of a product.
struct AtSize {
    size: usize,
    unfused: Vec<f64>,
    fused: Vec<f64>,
    openblas: Vec<f64>,
}

/// What was measured.
pub struct Native {
    sizes: Vec<AtSize>,
    numpy: String,
}

/// Asks both in turn, round after round.
pub async fn measure(files: &Files, quick: bool) -> Result<Native> {
    let python = python(files).await;
    let mut ours = Process::start(Command::new(&files.program).arg("speed"))?;
    let mut theirs = match &python {
        Ok(python) => Some(Process::start(single_threaded(Command::new(python).arg(&files.script)))?),
        Err(_) => None,
    };
    let (rounds, warm_up) = if quick { (7, 2) } else { (25, 4) };
    let mut sizes = Vec::new();
    for size in SIZES {
        eprintln!("natively at {size}x{size}");
        let mut at_size = AtSize { size, unfused: Vec::new(), fused: Vec::new(), openblas: Vec::new() };
        for round in 0..warm_up + rounds {
            let unfused = ours.ask(&size.to_string()).await?;
            let fused = ours.ask(&format!("fma {size}")).await?;
            let openblas = match &mut theirs {
                Some(theirs) => theirs.ask(&size.to_string()).await?,
                None => None,
            };
            if round >= warm_up {
                at_size.unfused.extend(unfused);
                at_size.fused.extend(fused);
                at_size.openblas.extend(openblas);
            }
        }
        sizes.push(at_size);
    }
    let numpy = match &python {
        Ok(python) => version(python).await?,
        Err(error) => format!("{NEEDS_PYTHON} ({error:#})"),
    };
    Ok(Native { sizes, numpy })
}

/// The Python that has numpy: an environment of our own, made when it is first needed.
async fn python(files: &Files) -> Result<PathBuf> {
    let python = files.environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    if has_numpy(&python).await {
        return Ok(python);
    }
    eprintln!("installing numpy below {}", files.environment.display());
    let environment = files.environment.as_os_str();
    succeed(Command::new("python3").args(["-m".as_ref(), "venv".as_ref(), environment])).await?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "numpy"];
    succeed(Command::new(&python).args(pip)).await?;
    Ok(python)
}

async fn has_numpy(python: &Path) -> bool {
    let mut command = Command::new(python);
    command.args(["-c", "import numpy"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().await.is_ok_and(|status| status.success())
}

async fn succeed(command: &mut Command) -> Result<()> {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().await?;
    if !status.success() {
        bail!("{:?} failed ({status})", command.as_std());
    }
    Ok(())
}

/// OpenBLAS on one thread, and with the kernel that it chooses itself.
fn single_threaded(command: &mut Command) -> &mut Command {
    command.env("OPENBLAS_NUM_THREADS", "1").env_remove("OPENBLAS_CORETYPE").env_remove("OPENBLAS_L2_SIZE")
}

/// numpy's version and the BLAS that it is built with.
async fn version(python: &Path) -> Result<String> {
    let script = "import numpy as np; blas = np.show_config(mode='dicts')['Build Dependencies']['blas']; \
                  print(f\"numpy {np.__version__}, {blas['name']} {blas['version']}\")";
    let output = single_threaded(Command::new(python).args(["-c", script])).output().await?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A process that answers a line with a line.
struct Process {
    _child: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start(command: &mut Command) -> Result<Self> {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = piped.spawn().with_context(|| format!("cannot start {:?}", piped.as_std()))?;
        let questions = child.stdin.take().context("a process without standard input")?;
        let answers = BufReader::new(child.stdout.take().context("a process without standard output")?).lines();
        Ok(Self { _child: child, questions, answers })
    }

    /// The number that it answers; nothing where it answers something else.
    async fn ask(&mut self, question: &str) -> Result<Option<f64>> {
        self.questions.write_all(format!("{question}\n").as_bytes()).await?;
        let answer = self.answers.next_line().await?.context("a process ended before it answered")?;
        Ok(answer.parse().ok())
    }
}

impl AtSize {
    fn row(&self, what: &str, ours: &[f64], marks: [f64; 2], without: &str) -> Row {
        let what = format!("natively, multiply at {} against OpenBLAS, {what}", self.size);
        let found = match (ours, Spread::ratio(&self.openblas, ours)) {
            (_, Some(ratio)) => Found::Measured(ratio),
            ([], None) => Found::Not(without.to_owned()),
            (_, None) => Found::Not(NEEDS_PYTHON.to_owned()),
        };
        Row::more(what, "x", marks, found)
    }
}

impl Native {
    /// The figures that follow.
    pub fn rows(&self) -> Vec<Row> {
        let without = self.sizes.iter().map(|at| at.row("without FMA", &at.unfused, [0.6, 0.45], "not measured"));
        let with = self.sizes.iter().map(|at| at.row("with FMA", &at.fused, [1.0, 0.85], NO_FMA));
        without.chain(with).collect()
    }
}

impl fmt::Display for Native {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for AtSize { size, unfused, fused, openblas } in &self.sizes {
            write!(formatter, "natively at {size}x{size}, GFLOP/s:")?;
            for (what, seconds) in [("Bluecrab", unfused), ("with FMA", fused), ("OpenBLAS", openblas)] {
                match Spread::of(seconds).map(|seconds| seconds.divide(2.0 * (*size as f64).powi(3) / 1e9)) {
                    Some(speed) => write!(formatter, " {what} {speed} ({});", speed.range())?,
                    None => write!(formatter, " {what} none;")?,
                }
            }
            writeln!(formatter)?;
        }
        write!(formatter, "One thread. {}.", self.numpy)
    }
}
