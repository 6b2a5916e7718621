//! The report of a check.

use std::fmt;

/// The result of checking a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The module keeps the rule.
    Pass,
    /// The module breaks the rule.
    Fail,
    /// The rule could not be checked. The text says why.
    Skip,
}

/// A rule and its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whether the module keeps the rule.
    pub outcome: Outcome,
    /// The section of docs/abi.md that contains the rule.
    pub section: u8,
    /// What was checked and, if the module breaks the rule, what is wrong.
    pub text: String,
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Pass => "pass",
            Outcome::Fail => "FAIL",
            Outcome::Skip => "skip",
        };
        write!(formatter, "{outcome}  section {}  {}", self.section, self.text)
    }
}

/// All rules that were checked, in their order.
pub struct Report<'a> {
    lines: Vec<Line>,
    show: Box<dyn FnMut(&Line) + 'a>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(show: impl FnMut(&Line) + 'a) -> Self {
        Self { lines: Vec::new(), show: Box::new(show) }
    }

    /// The rules and their results.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Whether the module breaks a rule.
    pub fn has_failed(&self) -> bool {
        self.lines.iter().any(|line| line.outcome == Outcome::Fail)
    }

    pub(crate) fn pass(&mut self, section: u8, text: impl Into<String>) {
        self.add(Outcome::Pass, section, text.into());
    }

    pub(crate) fn fail(&mut self, section: u8, text: impl Into<String>) {
        self.add(Outcome::Fail, section, text.into());
    }

    pub(crate) fn skip(&mut self, section: u8, text: impl Into<String>) {
        self.add(Outcome::Skip, section, text.into());
    }

    /// Adds a rule that passed or failed. An error may name the section of a different rule, such as a trap in a call.
    pub(crate) fn add_result(&mut self, section: u8, text: &str, result: Result<(), Broken>) {
        match result {
            Ok(()) => self.pass(section, text),
            Err(broken) => self.fail(broken.section, format!("{text}: {}", broken.what)),
        }
    }

    fn add(&mut self, outcome: Outcome, section: u8, text: String) {
        let line = Line { outcome, section, text };
        (self.show)(&line);
        self.lines.push(line);
    }
}

/// A rule that the module breaks.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) section: u8,
    pub(crate) what: String,
}

impl Broken {
    pub(crate) fn new(section: u8, what: impl Into<String>) -> Self {
        Self { section, what: what.into() }
    }
}
