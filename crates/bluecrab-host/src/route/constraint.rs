//! Inline constraints of a route parameter: `{id:int:min(1)}`.
//!
//! They are the constraints of ASP.NET Core (dotnet/aspnetcore, `RouteOptions.cs` and the folder `Constraints`).
//! Numbers follow .NET's rules for the invariant culture.

use super::date_time;
use fancy_regex::{Regex, RegexBuilder};
use std::sync::LazyLock;

/// A condition for a parameter's value.
#[derive(Debug, Clone)]
pub enum Constraint {
    Int,
    Long,
    Bool,
    DateTime,
    Decimal,
    /// `double` and `float`, which accept the same values.
    Double,
    Guid,
    Alpha,
    /// The minimum and maximum length in UTF-16 code units.
    Length(usize, usize),
    Range(i64, i64),
    Pattern(Regex),
    Required,
    File,
    NonFile,
}

impl Constraint {
    /// Parses a constraint, without the colon before it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, argument) = match text.split_once('(').zip(text.strip_suffix(')')) {
            Some(((name, rest), _)) => (name, rest.strip_suffix(')')),
            None => (text, None),
        };
        let wrong = || format!("has the constraint `{text}`, whose arguments are wrong");
        let numbers = |count: usize| {
            let numbers = argument.unwrap_or_default().split(',').map(|number| number.trim().parse::<i64>().ok());
            numbers.collect::<Option<Vec<_>>>().filter(|numbers| numbers.len() == count)
        };
        let size = |number: i64| i32::try_from(number).ok().and_then(|number| usize::try_from(number).ok());
        let name = name.to_ascii_lowercase();
        let constraint = match (name.as_str(), argument) {
            ("int", None) => Some(Self::Int),
            ("long", None) => Some(Self::Long),
            ("bool", None) => Some(Self::Bool),
            ("datetime", None) => Some(Self::DateTime),
            ("decimal", None) => Some(Self::Decimal),
            ("double" | "float", None) => Some(Self::Double),
            ("guid", None) => Some(Self::Guid),
            ("alpha", None) => Some(Self::Alpha),
            ("required", None) => Some(Self::Required),
            ("file", None) => Some(Self::File),
            ("nonfile", None) => Some(Self::NonFile),
            ("minlength", _) => numbers(1).and_then(|found| Some(Self::Length(size(found[0])?, usize::MAX))),
            ("maxlength", _) => numbers(1).and_then(|found| Some(Self::Length(0, size(found[0])?))),
            ("length", _) => numbers(1)
                .map(|found| (found[0], found[0]))
                .or_else(|| numbers(2).map(|found| (found[0], found[1])))
                .and_then(|(low, high)| Some((size(low)?, size(high)?)))
                .filter(|(low, high)| low <= high)
                .map(|(low, high)| Self::Length(low, high)),
            ("min", _) => numbers(1).map(|found| Self::Range(found[0], i64::MAX)),
            ("max", _) => numbers(1).map(|found| Self::Range(i64::MIN, found[0])),
            ("range", _) => {
                numbers(2).filter(|found| found[0] <= found[1]).map(|found| Self::Range(found[0], found[1]))
            }
            ("regex", Some(pattern)) => {
                let regex = RegexBuilder::new(pattern).case_insensitive(true).build();
                Some(Self::Pattern(regex.map_err(|error| format!("has the constraint `{text}`: {error}"))?))
            }
            (
                "int" | "long" | "bool" | "datetime" | "decimal" | "double" | "float" | "guid" | "alpha" | "required",
                _,
            )
            | ("file" | "nonfile" | "regex", _) => None,
            _ => return Err(format!("has the unknown constraint `{text}`")),
        };
        constraint.ok_or_else(wrong)
    }

    /// Returns whether a value satisfies the constraint. A catch-all may have no value; only `nonfile` accepts that.
    pub fn accepts(&self, value: Option<&str>) -> bool {
        let Some(value) = value else { return matches!(self, Self::NonFile) };
        match self {
            Self::Int => trim(value).parse::<i32>().is_ok(),
            Self::Long => trim(value).parse::<i64>().is_ok(),
            Self::Bool => ["true", "false"].iter().any(|name| trim(value).eq_ignore_ascii_case(name)),
            Self::DateTime => date_time::is_valid(value),
            Self::Decimal => is_decimal(trim(value)),
            Self::Double => is_double(trim(value)),
            Self::Guid => is_guid(trim(value)),
            Self::Alpha => value.bytes().all(|byte| byte.is_ascii_alphabetic()),
            Self::Length(low, high) => (*low..=*high).contains(&value.encode_utf16().count()),
            Self::Range(low, high) => trim(value).parse::<i64>().is_ok_and(|value| (*low..=*high).contains(&value)),
            // A pattern that needs too many steps does not match.
            Self::Pattern(pattern) => pattern.is_match(value).unwrap_or(false),
            Self::Required => !value.is_empty(),
            Self::File => is_file_name(value),
            Self::NonFile => !is_file_name(value),
        }
    }
}

/// Removes the white space that .NET allows around numbers.
fn trim(value: &str) -> &str {
    value.trim_matches(|character| matches!(character, '\t'..='\r' | ' '))
}

fn is_match(pattern: &Regex, value: &str) -> bool {
    pattern.is_match(value).unwrap_or(false)
}

fn pattern(text: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "the patterns of this file are tested")]
    Regex::new(text).expect("the pattern is valid")
}

/// `decimal.TryParse` with `NumberStyles.Number`: a sign at either end, thousands separators, no exponent.
fn is_decimal(value: &str) -> bool {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        let number = r"(?:[0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)";
        pattern(&format!("^(?:[+-]?{number}|{number} *[+-])$"))
    });
    // The largest decimal, rounded up to an f64.
    const LIMIT: f64 = 79_228_162_514_264_337_593_543_950_336.0;
    let digits: String = value.chars().filter(|character| character.is_ascii_digit() || *character == '.').collect();
    is_match(&FORM, value) && digits.parse::<f64>().is_ok_and(|number| number <= LIMIT)
}

/// `double.TryParse` with `NumberStyles.Float | AllowThousands`. A number that is too large becomes infinite.
fn is_double(value: &str) -> bool {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^(?:[+-]?(?:(?i:infinity|nan)|∞)|[+-]?(?:[0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)$")
    });
    is_match(&FORM, value)
}

/// The five formats of `Guid.TryParse`.
fn is_guid(value: &str) -> bool {
    static FORMS: LazyLock<Regex> = LazyLock::new(|| {
        let hyphens = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
        let hex = |digits: u32| format!("0x[0-9a-f]{{1,{digits}}}");
        let (a, b, c) = (hex(8), hex(4), hex(2));
        pattern(&format!(
            r"(?i)^(?:[0-9a-f]{{32}}|{hyphens}|\{{{hyphens}\}}|\({hyphens}\)|\{{{a},{b},{b},\{{(?:{c},){{7}}{c}\}}\}})$"
        ))
    });
    is_match(&FORMS, value)
}

/// Returns whether the last segment has a dot that is followed by a character other than a dot.
fn is_file_name(value: &str) -> bool {
    let last = value.rsplit('/').next().unwrap_or_default();
    last.split_once('.').is_some_and(|(_, rest)| rest.contains(|character| character != '.'))
}
