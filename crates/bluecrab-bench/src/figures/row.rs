//! One row of the figures: what is aimed at, what was found.

use super::spread::Spread;

/// What an aim is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    More,
    /// Less is better.
    Less,
}

/// What was found.
#[derive(Debug, Clone)]
pub enum Found {
    /// A measurement.
    Measured(Spread),
    /// None, and why.
    Not(String),
}

impl From<Option<Spread>> for Found {
    fn from(spread: Option<Spread>) -> Self {
        spread.map_or_else(|| Self::Not("not measured".to_owned()), Self::Measured)
    }
}

/// A row of the table.
#[derive(Debug, Clone)]
pub struct Row {
    pub what: String,
    pub unit: &'static str,
    pub better: Better,
    pub aim: f64,
    pub least: f64,
    pub found: Found,
}

impl Row {
    /// A row where more is better.
    pub fn more(what: impl Into<String>, unit: &'static str, [aim, least]: [f64; 2], found: impl Into<Found>) -> Self {
        Self { what: what.into(), unit, better: Better::More, aim, least, found: found.into() }
    }

    /// A row where less is better.
    pub fn less(what: impl Into<String>, unit: &'static str, [aim, least]: [f64; 2], found: impl Into<Found>) -> Self {
        Self { what: what.into(), unit, better: Better::Less, aim, least, found: found.into() }
    }

    /// Whether the median reaches the aim, or what it must reach at least.
    pub fn verdict(&self) -> &'static str {
        let Found::Measured(spread) = &self.found else { return "not measured" };
        let reaches = |mark: f64| match self.better {
            Better::More => spread.median >= mark,
            Better::Less => spread.median <= mark,
        };
        match (reaches(self.aim), reaches(self.least)) {
            (true, _) => "met",
            (_, true) => "at least",
            _ => "MISSED",
        }
    }

    /// The cells: what, aim, at least, measured, verdict.
    pub fn cells(&self) -> [String; 5] {
        let with_unit = |text: String| format!("{text}{}", self.unit);
        let found = match &self.found {
            Found::Measured(spread) => format!("{spread}{} ({})", self.unit, spread.range()),
            Found::Not(why) => why.clone(),
        };
        [
            self.what.clone(),
            with_unit(self.aim.to_string()),
            with_unit(self.least.to_string()),
            found,
            self.verdict().to_owned(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_whether_an_aim_is_met() {
        let spread = |median| Some(Spread { low: median - 1.0, median, high: median + 1.0 });
        let verdict = |found: Option<Spread>| Row::more("speed", "x", [20.0, 14.0], found).verdict();
        assert_eq!(
            [verdict(spread(20.0)), verdict(spread(15.0)), verdict(spread(13.0))],
            ["met", "at least", "MISSED"]
        );
        let row = Row::less("memory", " MiB", [30.0, 60.0], spread(31.0));
        assert_eq!(row.cells(), ["memory", "30 MiB", "60 MiB", "31.0 MiB (30.0 to 32.0)", "at least"]);
        let row = Row::less("memory", " MiB", [30.0, 60.0], Found::Not("not there".to_owned()));
        assert_eq!(row.cells()[3..], ["not there", "not measured"]);
    }
}
