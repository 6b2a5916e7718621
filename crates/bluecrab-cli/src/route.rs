//! Reads a route template such as `/api/rows/{id:int}`.

use anyhow::{Context, Result};

/// A part of a route template.
pub enum Part<'a> {
    /// A part of the path. Braces are percent-encoded.
    Literal(&'a str),
    /// A part for which a request has a value.
    Parameter(Parameter<'a>),
}

/// A parameter such as `{id:int=7}`.
pub struct Parameter<'a> {
    pub name: &'a str,
    pub default: Option<&'a str>,
    pub is_optional: bool,
    /// It takes the rest of the path, as `{*rest}` does.
    pub is_catch_all: bool,
}

/// Splits a route template into its parts.
///
/// # Errors
/// Returns an error if a brace is not closed.
pub fn parts(template: &str) -> Result<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        parts.extend(Some(&rest[..at]).filter(|literal| !literal.is_empty()).map(Part::Literal));
        let from_brace = &rest[at..];
        rest = if let Some(after) = from_brace.strip_prefix("{{") {
            parts.push(Part::Literal("%7B"));
            after
        } else if let Some(after) = from_brace.strip_prefix("}}") {
            parts.push(Part::Literal("%7D"));
            after
        } else {
            let parameter = &from_brace[1..];
            let end = end_of_parameter(parameter).with_context(|| format!("the route `{template}` cannot be read"))?;
            parts.push(Part::Parameter(Parameter::of(&parameter[..end])));
            &parameter[end + 1..]
        };
    }
    parts.extend(Some(rest).filter(|literal| !literal.is_empty()).map(Part::Literal));
    Ok(parts)
}

impl<'a> Parameter<'a> {
    fn of(text: &'a str) -> Self {
        let name = text.trim_start_matches('*');
        Self {
            name: name.split([':', '=', '?']).next().unwrap_or(name),
            // A constraint such as `regex(a=b)` has no default behind it.
            default: text.rsplit_once('=').map(|(_, default)| default).filter(|default| !default.contains(')')),
            is_optional: text.ends_with('?'),
            is_catch_all: text.starts_with('*'),
        }
    }
}

/// Returns where a parameter ends. Within its constraints, two braces stand for a brace.
fn end_of_parameter(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'}' | b'{' if bytes.get(at + 1) == Some(&bytes[at]) => at += 2,
            b'}' => return Some(at),
            _ => at += 1,
        }
    }
    None
}
