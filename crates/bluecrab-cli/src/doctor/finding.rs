//! What the doctor finds, and how it is mended.

use anyhow::{Error, Result};

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is right.
    Ok,
    /// It was wrong, and has been mended.
    Fixed,
    /// It works, but the developer may want to know.
    Note,
    /// It does not work.
    Problem,
}

/// A finding, with what mends it.
pub struct Finding {
    state: State,
    what: String,
    /// What the developer can do.
    mend: Option<String>,
    fix: Option<Fix>,
}

/// Does what mends a finding.
struct Fix {
    /// What has been done then, such as `created local.settings.json`.
    done: String,
    action: Box<dyn FnOnce() -> Result<()>>,
}

impl Finding {
    /// Reports that something is right.
    pub fn ok(what: impl Into<String>) -> Self {
        Self { state: State::Ok, what: what.into(), mend: None, fix: None }
    }

    /// Reports something that works, but that the developer may want to change.
    pub fn note(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Note, what: what.into(), mend: Some(mend.into()), fix: None }
    }

    /// Reports something that does not work.
    pub fn problem(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Problem, what: what.into(), mend: Some(mend.into()), fix: None }
    }

    /// Makes a problem of an error, whose message says what to do.
    pub fn error(error: &Error) -> Self {
        Self { state: State::Problem, what: format!("{error:#}"), mend: None, fix: None }
    }

    /// Adds what mends it. Nothing is lost by it, and it needs no decision.
    pub fn fixed_by(self, done: impl Into<String>, action: impl FnOnce() -> Result<()> + 'static) -> Self {
        Self { fix: Some(Fix { done: done.into(), action: Box::new(action) }), ..self }
    }

    /// Mends it, if `fixes` and if it can be mended, and prints the result. Returns the state and whether `--fix` mends
    /// it.
    pub fn treat(self, fixes: bool) -> (State, bool) {
        let Self { mut state, mut what, mut mend, fix } = self;
        let is_mendable = fix.is_some();
        if let Some(fix) = fix.filter(|_| fixes) {
            match (fix.action)() {
                Ok(()) => (state, what, mend) = (State::Fixed, fix.done, None),
                Err(error) => mend = Some(format!("it could not be mended: {error:#}")),
            }
        }
        let label = match state {
            State::Ok => "ok",
            State::Fixed => "fixed",
            State::Note => "note",
            State::Problem => "problem",
        };
        say!("{label:8} {what}");
        if let Some(mend) = mend {
            say!("{:8} {mend}", "");
        }
        (state, is_mendable)
    }
}
