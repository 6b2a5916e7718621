//! A scenario: what is compared, with what, and how. Its TOML form is described in `docs/bench.md`.

mod check;
mod generate;
mod payload;

use crate::comparer::Comparer;
pub use payload::{Body, Payload};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Spanned;

/// A scenario, checked, with its payloads in memory.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What the report is called.
    pub title: String,
    /// How often everything is measured, one after the other.
    pub rounds: usize,
    /// How long each function is measured in a round, for each payload and load.
    pub time: Duration,
    /// How long each function is called before, for each payload, without being measured; before each round where the
    /// workers are fresh.
    pub warm_up: Duration,
    /// Which workers the rounds have.
    pub workers: Workers,
    /// How often host and worker are started only to answer once, for each function.
    pub cold_starts: usize,
    /// How long one call may take.
    pub call_limit: Duration,
    /// Where the functions are.
    pub apps: BTreeMap<String, App>,
    /// What is compared; the baseline is the first.
    pub functions: Vec<Function>,
    /// What they are called with.
    pub payloads: Vec<Payload>,
    /// How they are called.
    pub loads: Vec<Load>,
    /// How their answers are compared.
    pub answers: Answers,
    /// A function that is called now and then during the load.
    pub neighbour: Option<Neighbour>,
    /// The file's text, for the results.
    pub text: String,
}

/// Where functions are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum App {
    /// A folder that our host can run.
    Folder(PathBuf),
    /// The address of a running app, without a slash at its end.
    Url(String),
}

/// Which workers the rounds have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Workers {
    /// The same from the first round to the last.
    #[default]
    Kept,
    /// Each round its own, with hosts of their own.
    Fresh,
}

/// One function.
#[derive(Debug, Clone)]
pub struct Function {
    /// What it is called in the report.
    pub name: String,
    /// The app it is in.
    pub app: String,
    /// Its path, with a slash at its start.
    pub path: String,
    /// The method; where there is none, POST where there is a payload, else GET.
    pub method: Option<String>,
    /// The header fields of a request.
    pub headers: BTreeMap<String, String>,
}

/// How a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Load {
    /// So many callers, each of which waits for its answer before it calls again.
    Closed(usize),
    /// So many calls a second, whether the answers come or not.
    Open(f64),
}

impl fmt::Display for Load {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(1) => formatter.write_str("one at a time"),
            Self::Closed(callers) => write!(formatter, "{callers} at once"),
            Self::Open(rate) => write!(formatter, "{rate} a second"),
        }
    }
}

/// How answers are compared with the baseline's.
#[derive(Debug, Clone, PartialEq)]
pub enum Answers {
    /// Byte for byte.
    Bytes,
    /// As JSON, whose numbers may differ by this share of the larger.
    Numbers(f64),
    /// By a command of the user's.
    Command(Comparer),
}

/// A function that does nearly nothing, whose latency shows what the load does to others.
#[derive(Debug, Clone)]
pub struct Neighbour {
    /// Its path.
    pub path: String,
    /// The time from one call to the next.
    pub every: Duration,
}

impl Scenario {
    /// Reads a scenario's file. Its paths are taken from the file's folder.
    ///
    /// # Errors
    /// Where the file is no scenario: with file, line and what to do.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        Self::parse(&text, &file.display().to_string(), folder)
    }

    /// Reads a scenario's text; `name` is what its errors call it.
    ///
    /// # Errors
    /// As [`Scenario::read`].
    pub fn parse(text: &str, name: &str, folder: &Path) -> Result<Self> {
        let place = |span: Option<std::ops::Range<usize>>| {
            let line = text[..span.map_or(0, |span| span.start.min(text.len()))].matches('\n').count() + 1;
            format!("{name}:{line}")
        };
        let raw: Raw = toml::from_str(text)
            .map_err(|error| anyhow::anyhow!("{}: {}", place(error.span()), error.message().replace('\n', "; ")))?;
        check::scenario(raw, text, folder).map_err(|error| anyhow::anyhow!("{}: {}", place(error.span), error.message))
    }

    /// What a run will do, and how long that takes at least, for whoever waits for it.
    pub fn plan(&self) -> String {
        let functions = self.functions.len();
        let alone = usize::from(self.neighbour.is_some());
        let measured = self.time * (functions * self.rounds * (self.payloads.len() * self.loads.len() + alone)) as u32;
        let warm_ups = self.warm_up * (functions * self.payloads.len() * self.warm_ups()) as u32;
        let seconds = (measured + warm_ups).as_secs_f64();
        let time = if seconds < 90.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) };
        let many = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        format!(
            "{}: {}, {}, {}, {}: at least {time}, and {} of each function",
            self.title,
            many(self.functions.len(), "function"),
            many(self.payloads.len(), "payload"),
            many(self.loads.len(), "load"),
            many(self.rounds, "round"),
            many(self.cold_starts, "cold start"),
        )
    }

    /// How often all functions are warmed up where no round is repeated.
    pub fn warm_ups(&self) -> usize {
        match self.workers {
            Workers::Kept => 1,
            Workers::Fresh => self.rounds,
        }
    }

    /// Puts another place in an app's stead: `NAME=FOLDER` or `NAME=URL`.
    ///
    /// # Errors
    /// Where the scenario has no such app.
    pub fn replace_app(&mut self, text: &str) -> Result<()> {
        let names = self.apps.keys().cloned().collect::<Vec<_>>().join(", ");
        let (name, place) = text.split_once('=').with_context(|| format!("\"{text}\" is not NAME=FOLDER-OR-URL"))?;
        let app = self.apps.get_mut(name).with_context(|| format!("there is no app \"{name}\"; there is {names}"))?;
        *app = App::of(place, Path::new(""));
        Ok(())
    }
}

impl App {
    fn of(text: &str, folder: &Path) -> Self {
        if text.starts_with("http://") || text.starts_with("https://") {
            Self::Url(text.trim_end_matches('/').to_owned())
        } else {
            Self::Folder(folder.join(text))
        }
    }
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    title: Option<String>,
    rounds: Option<Spanned<usize>>,
    seconds: Option<Spanned<f64>>,
    warm_up: Option<Spanned<f64>>,
    workers: Option<Workers>,
    cold_starts: Option<usize>,
    call_limit: Option<Spanned<f64>>,
    apps: Spanned<BTreeMap<String, String>>,
    functions: Spanned<Vec<Spanned<RawFunction>>>,
    #[serde(default)]
    payloads: Vec<Spanned<payload::RawPayload>>,
    #[serde(default)]
    loads: Vec<Spanned<RawLoad>>,
    answers: Option<Spanned<RawAnswers>>,
    neighbour: Option<Spanned<RawNeighbour>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFunction {
    name: String,
    app: Option<String>,
    path: Option<String>,
    method: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    baseline: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLoad {
    closed: Option<usize>,
    open: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAnswers {
    compare: Compare,
    tolerance: Option<f64>,
    command: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Compare {
    Bytes,
    Numbers,
    Command,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNeighbour {
    path: String,
    every: Option<f64>,
}
