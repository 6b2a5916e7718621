//! Inline constraints of a route parameter: `{id:int:min(1)}`.

use super::template::TemplateError;
use regex::Regex;

/// What a parameter's value must be.
#[derive(Debug, Clone)]
pub enum Constraint {
    Int,
    Long,
    Bool,
    Number,
    Guid,
    Alpha,
    Length(usize, usize),
    Range(i64, i64),
    Pattern(Regex),
    Required,
}

impl Constraint {
    /// Reads one constraint, without the colon before it.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let unknown = || TemplateError(format!("unknown route constraint `{text}`"));
        let (name, argument) = match text.split_once('(') {
            Some((name, rest)) => (name, rest.strip_suffix(')').ok_or_else(unknown)?),
            None => (text, ""),
        };
        let size = |text: &str| text.trim().parse::<usize>().map_err(|_| unknown());
        let whole = |text: &str| text.trim().parse::<i64>().map_err(|_| unknown());
        Ok(match name.to_ascii_lowercase().as_str() {
            "int" => Self::Int,
            "long" => Self::Long,
            "bool" => Self::Bool,
            "decimal" | "double" | "float" => Self::Number,
            "guid" => Self::Guid,
            "alpha" => Self::Alpha,
            "required" => Self::Required,
            "minlength" => Self::Length(size(argument)?, usize::MAX),
            "maxlength" => Self::Length(0, size(argument)?),
            "length" => match argument.split_once(',') {
                Some((low, high)) => Self::Length(size(low)?, size(high)?),
                None => Self::Length(size(argument)?, size(argument)?),
            },
            "min" => Self::Range(whole(argument)?, i64::MAX),
            "max" => Self::Range(i64::MIN, whole(argument)?),
            "range" => {
                let (low, high) = argument.split_once(',').ok_or_else(unknown)?;
                Self::Range(whole(low)?, whole(high)?)
            }
            "regex" => Self::Pattern(
                Regex::new(&format!("(?i){}", argument.replace("{{", "{").replace("}}", "}")))
                    .map_err(|_| unknown())?,
            ),
            _ => return Err(unknown()),
        })
    }

    /// Whether a value keeps the constraint.
    pub fn accepts(&self, value: &str) -> bool {
        match self {
            Self::Int => value.parse::<i32>().is_ok(),
            Self::Long => value.parse::<i64>().is_ok(),
            Self::Bool => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
            Self::Number => value.parse::<f64>().is_ok_and(f64::is_finite),
            Self::Guid => uuid::Uuid::try_parse(value).is_ok(),
            Self::Alpha => value.bytes().all(|byte| byte.is_ascii_alphabetic()),
            Self::Length(low, high) => (*low..=*high).contains(&value.encode_utf16().count()),
            Self::Range(low, high) => value.parse::<i64>().is_ok_and(|value| (*low..=*high).contains(&value)),
            Self::Pattern(pattern) => pattern.is_match(value),
            Self::Required => !value.is_empty(),
        }
    }
}
