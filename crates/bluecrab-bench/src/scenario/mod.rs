//! A scenario: which functions are compared, with which payloads and loads. `docs/benchmarking.md` describes its TOML
//! form.

mod answers;
mod app;
mod base;
mod fault;
mod function;
mod generate;
mod load;
mod payload;
mod probe;
mod random;
mod seconds;

pub use answers::{Answers, Comparer};
pub use app::{App, Place, Settings};
pub use function::Function;
pub use load::Load;
pub use payload::{Body, Payload};
pub use probe::Probe;
pub use random::Random;

use anyhow::{Context, Result};
use app::AppFields;
use fault::Fault;
use function::FunctionFields;
use seconds::Seconds;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;
use toml::Spanned;

/// A validated scenario, with its payloads in memory.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The title of the report.
    pub title: String,
    /// A note that is published below the tables.
    pub note: Option<String>,
    /// How often everything is measured.
    pub rounds: usize,
    /// How long each function is measured in a round, for each payload and load.
    pub time: Duration,
    /// How long the first batch of the warm-up takes. Each other batch doubles the warm-up, until the median settles.
    pub warm_up: Duration,
    /// How long each new worker is called before the warm-up of its functions.
    pub worker_warm_up: Duration,
    /// Whether each round starts new workers.
    pub workers: Workers,
    /// How many cores host and worker may use; without a number, all of the machine.
    pub cores: Option<usize>,
    /// How often each function's app is started to answer one call.
    pub cold_starts: usize,
    /// How long one call may take.
    pub call_limit: Duration,
    /// The apps by name.
    pub apps: BTreeMap<String, App>,
    /// The functions; the first is the baseline.
    pub functions: Vec<Function>,
    /// What the functions are called with.
    pub payloads: Vec<Payload>,
    /// How the functions are called.
    pub loads: Vec<Load>,
    /// How answers are compared with the baseline's.
    pub answers: Answers,
    /// A function that is called during every load.
    pub probe: Option<Probe>,
    /// The file's text with the keys of its base, which goes into the results.
    pub text: String,
}

/// A verdict needs this many calls of both functions.
pub const FEWEST_CALLS: u64 = 30;
/// A verdict needs this many rounds.
const FEWEST_ROUNDS: usize = 8;

/// Which workers serve the rounds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Workers {
    /// The same workers serve all rounds.
    #[default]
    Kept,
    /// Each round starts new hosts and workers.
    Fresh,
}

/// The fields of a scenario file. Their types validate themselves; [`Scenario::of_file`] checks across fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Only [`base::lines`] reads this key.
    #[serde(rename = "base")]
    _base: Option<IgnoredAny>,
    title: Option<String>,
    note: Option<String>,
    rounds: Option<NonZeroUsize>,
    seconds: Option<Seconds>,
    warm_up: Option<Seconds>,
    worker_warm_up: Option<Seconds>,
    #[serde(default)]
    workers: Workers,
    cores: Option<NonZeroUsize>,
    cold_starts: Option<usize>,
    call_limit: Option<Seconds>,
    apps: Spanned<BTreeMap<String, Spanned<AppFields>>>,
    functions: Spanned<Vec<Spanned<FunctionFields>>>,
    #[serde(default)]
    payloads: Vec<Spanned<payload::Fields>>,
    #[serde(default)]
    loads: Vec<Spanned<Load>>,
    #[serde(default)]
    answers: Answers,
    probe: Option<Probe>,
}

impl Scenario {
    /// Reads a scenario file. Its paths start at the file's folder.
    ///
    /// # Errors
    /// Returns an error if the file is not a scenario; the error names file, line and remedy.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        Self::parse(&text, &file.display().to_string(), folder)
    }

    /// Reads a scenario's text; errors call it `name`.
    ///
    /// # Errors
    /// Returns an error as [`Scenario::read`] does.
    pub fn parse(text: &str, name: &str, folder: &Path) -> Result<Self> {
        let taken = base::lines(text, folder).map_err(|fault| fault.in_file(name, text, 0))?;
        let whole = format!("{taken}{text}");
        Self::of_file(&whole, folder).map_err(|fault| fault.in_file(name, &whole, taken.lines().count()))
    }

    fn of_file(text: &str, folder: &Path) -> Result<Self, Fault> {
        let file: File = toml::from_str(text)?;
        let time =
            |seconds: Option<Seconds>, default| seconds.map_or(Duration::from_secs(default), |Seconds(time)| time);
        let apps = app::read(file.apps, folder)?;
        let functions = function::read(file.functions, &apps)?;
        let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
        let payloads = payload::read(file.payloads, folder, &names, &apps)?;
        let call_limit = time(file.call_limit, 60);
        let mut answers = file.answers;
        if let Answers::Command(comparer) = &mut answers {
            folder.clone_into(&mut comparer.folder);
            comparer.limit = call_limit;
        }
        Ok(Self {
            title: file.title.unwrap_or_else(|| "Comparison".to_owned()),
            note: file.note,
            rounds: file.rounds.map_or(10, NonZeroUsize::get),
            time: time(file.seconds, 1),
            warm_up: time(file.warm_up, 1),
            worker_warm_up: time(file.worker_warm_up, 0),
            workers: file.workers,
            cores: file.cores.map(NonZeroUsize::get),
            cold_starts: file.cold_starts.unwrap_or(10),
            call_limit,
            apps,
            functions,
            payloads,
            loads: load::read(file.loads)?,
            answers,
            probe: file.probe,
            text: text.to_owned(),
        })
    }

    /// Says what a run will do and about how long it takes.
    pub fn plan(&self) -> String {
        let seconds = self.estimate().as_secs_f64();
        let time = if seconds < 90.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) };
        let many = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        format!(
            "{}: {}, {}, {}, {}, {} of each function; about {time}",
            self.title,
            many(self.functions.len(), "function"),
            many(self.payloads.len(), "payload"),
            many(self.loads.len(), "load"),
            many(self.rounds, "round"),
            many(self.cold_starts, "cold start"),
        )
    }

    /// About how long a run takes: a warm-up settles in its fourth batch; a host starts within a
    /// second, or in half of it if all start at once.
    pub fn estimate(&self) -> Duration {
        let (functions, payloads, loads) = (self.functions.len(), self.payloads.len(), self.loads.len());
        let alone = usize::from(self.probe.is_some());
        let measured = self.time * (self.rounds * (payloads * loads + alone)) as u32;
        let warm_up = self.worker_warm_up + self.warm_up * (payloads * (7 + loads)) as u32;
        let warm_ups = warm_up * self.warm_ups() as u32;
        let stages = (self.warm_up * 8 + self.time) * payloads as u32;
        let starts = Duration::from_millis(500 * (self.warm_ups() + 2 * self.cold_starts + 2) as u64);
        (measured + warm_ups + stages + starts) * functions as u32
    }

    /// Returns the app of a function, with settings in addition to its own.
    pub fn app(&self, function: &Function, settings: &Settings) -> App {
        let mut app = self.apps[&function.app].clone();
        app.settings.extend(settings.clone());
        app
    }

    /// A round makes at least this many calls of a function, so that all rounds together have enough for a verdict.
    pub fn fewest_calls(&self) -> usize {
        if self.rounds < FEWEST_ROUNDS { 1 } else { (FEWEST_CALLS as usize).div_ceil(self.rounds) }
    }

    /// Returns how often all functions are warmed up.
    pub fn warm_ups(&self) -> usize {
        match self.workers {
            Workers::Kept => 1,
            Workers::Fresh => self.rounds,
        }
    }

    /// Shortens every period and starts each app once: a run that proves that everything works, without verdicts.
    pub fn quicken(&mut self) {
        let short = Duration::from_millis(100);
        (self.rounds, self.cold_starts) = (self.rounds.min(2), self.cold_starts.min(1));
        for time in [&mut self.time, &mut self.warm_up, &mut self.worker_warm_up] {
            *time = short.min(*time);
        }
    }

    /// Replaces an app: `NAME=FOLDER` or `NAME=URL`. The app's settings stay.
    ///
    /// # Errors
    /// Returns an error if the scenario has no such app.
    pub fn replace_app(&mut self, text: &str) -> Result<()> {
        let (name, place) = text.split_once('=').with_context(|| format!("\"{text}\" is not NAME=FOLDER-OR-URL"))?;
        let unknown = app::unknown(&self.apps, name);
        self.apps.get_mut(name).context(unknown)?.place = Place::new(place, Path::new(""));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
