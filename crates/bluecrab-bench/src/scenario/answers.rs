//! How a scenario compares answers.

use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// How answers are compared with the baseline's.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(try_from = "AnswerFields")]
pub enum Answers {
    /// The answers must have the same bytes.
    #[default]
    Bytes,
    /// The answers must be the same JSON, except that numbers may differ by this share of the larger one.
    Numbers(f64),
    /// A program compares the answers: it gets the names of two files.
    Command(Comparer),
}

/// A program that decides whether two answers are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparer {
    /// The program and its first arguments; the names of the baseline's answer and of the other answer follow.
    pub command: Vec<String>,
    /// The folder in which the program runs.
    pub folder: PathBuf,
    /// How long the program may take.
    pub limit: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerFields {
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

impl TryFrom<AnswerFields> for Answers {
    type Error = &'static str;

    fn try_from(AnswerFields { compare, tolerance, command }: AnswerFields) -> Result<Self, Self::Error> {
        match (compare, tolerance, command) {
            (Compare::Bytes, None, None) => Ok(Self::Bytes),
            (Compare::Numbers, Some(share), None) if (0.0..1.0).contains(&share) => Ok(Self::Numbers(share)),
            (Compare::Command, None, Some(command)) if !command.is_empty() => {
                Ok(Self::Command(Comparer { command, folder: ".".into(), limit: Duration::ZERO }))
            }
            (Compare::Bytes, ..) => Err("bytes take no `tolerance` and no `command`: they are equal or not"),
            (Compare::Numbers, ..) => Err("say by what share numbers may differ: `tolerance = 1e-12`"),
            (Compare::Command, ..) => Err(
                "name the program that compares two files: `command = [\"node\", \"same.mjs\"]`, without `tolerance`",
            ),
        }
    }
}
