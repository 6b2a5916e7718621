//! A route template, such as `rows/{id:int}/{part?}`, `files/{name}.{extension}` or `files/{*path}`.
//!
//! Parsing follows ASP.NET Core's `RoutePatternParser.cs`, and matching its `RoutePatternMatcher.cs`
//! (dotnet/aspnetcore).

use super::parameter::{Parameter, Presence};
use super::path::escape;
use super::text::{equal, rfind, strip_prefix};

/// The reason why a route template is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(pub String);

/// A parsed route template.
#[derive(Debug, Clone)]
pub struct Template {
    segments: Vec<Segment>,
}

/// The parts between two slashes. There is a literal between any two parameters.
#[derive(Debug, Clone)]
struct Segment {
    parts: Vec<Part>,
}

/// A part of a segment.
#[derive(Debug, Clone)]
pub enum Part {
    /// A text, decoded.
    Literal(String),
    /// A part for which a path has a value.
    Parameter(Parameter),
}

type Values = Vec<(String, String)>;

impl Template {
    /// Parses a template. A slash at its start and a slash at its end are ignored.
    ///
    /// # Errors
    /// Returns an error if braces are unbalanced, a constraint is unknown, or a parameter is not allowed at its place.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let error = |reason: &str| TemplateError(format!("the route `{text}` {reason}"));
        if text.starts_with('~') && !text.starts_with("~/") {
            return Err(error("begins with `~`"));
        }
        let inner = text.strip_prefix("~/").or_else(|| text.strip_prefix('/')).unwrap_or(text);
        let mut segments = Vec::new();
        let mut rest = inner;
        while !rest.is_empty() {
            let parts;
            (parts, rest) = read_segment(rest).map_err(|reason| error(&reason))?;
            segments.push(Segment { parts });
        }
        let template = Self { segments };
        template.check().map_err(|reason| error(&reason))?;
        Ok(template)
    }

    fn check(&self) -> Result<(), String> {
        let mut names: Vec<&str> = Vec::new();
        for (index, segment) in self.segments.iter().enumerate() {
            segment.check()?;
            if segment.catch_all().is_some() && index + 1 < self.segments.len() {
                return Err("has a catch-all that is not its last segment".to_owned());
            }
            for parameter in segment.parameters() {
                if names.iter().any(|name| equal(name, &parameter.name)) {
                    return Err(format!("has the parameter `{}` twice", parameter.name));
                }
                names.push(&parameter.name);
            }
        }
        Ok(())
    }

    /// Returns the parts of each segment of a path. A slash stands before each segment.
    pub fn segments(&self) -> impl Iterator<Item = &[Part]> {
        self.segments.iter().map(|segment| segment.parts.as_slice())
    }

    /// Returns the parameters' values if the template matches a decoded path. Literals match in any case.
    pub fn matches(&self, path: &str) -> Option<Values> {
        let path = path.strip_prefix('/').unwrap_or(path);
        // A slash at the end is ignored, except in a catch-all.
        let mut rest = Some(path).filter(|path| !path.is_empty());
        let mut values = Values::new();
        for segment in &self.segments {
            let part = rest.map(|rest| rest.split('/').next().unwrap_or_default());
            if part == Some("") {
                return None;
            }
            match (segment.catch_all(), part) {
                (Some(parameter), _) => {
                    values.extend(rest.map(|rest| (parameter.name.clone(), rest.to_owned())));
                    rest = None;
                }
                (None, Some(part)) => {
                    values.extend(segment.matches(part)?);
                    rest = rest.and_then(|rest| rest.get(part.len() + 1..)).filter(|rest| !rest.is_empty());
                }
                (None, None) => values.extend(segment.without_text()?),
            }
        }
        for parameter in self.segments.iter().flat_map(Segment::parameters) {
            let find = |values: &Values| values.iter().position(|(name, _)| *name == parameter.name);
            if find(&values).is_none() {
                values.extend(parameter.default.clone().map(|default| (parameter.name.clone(), default)));
            }
            let value = find(&values).map(|index| values[index].1.as_str());
            if !parameter.accepts(value) {
                return None;
            }
        }
        rest.is_none().then_some(values)
    }

    /// Returns all parameters, with the values that `matches` has found for some of them.
    pub fn parameters(&self, mut values: Values) -> Vec<(String, Option<String>)> {
        let mut take = |name: &str| {
            let index = values.iter().position(|(found, _)| found == name)?;
            Some(values.swap_remove(index).1)
        };
        let parameters = self.segments.iter().flat_map(Segment::parameters);
        parameters.map(|parameter| (parameter.name.clone(), take(&parameter.name))).collect()
    }

    /// Returns a path with these values, as a URL contains it. If a value is empty, a dot before it is left out with
    /// it: `{name}.{extension?}` matches a name alone.
    ///
    /// # Errors
    /// Returns the first error of `value`.
    pub fn path<E>(&self, mut value: impl FnMut(&Parameter) -> Result<String, E>) -> Result<String, E> {
        let mut path = String::new();
        for segment in self.segments() {
            path.push('/');
            for part in segment {
                match part {
                    Part::Literal(text) => path.push_str(&escape(text)),
                    Part::Parameter(parameter) => match value(parameter)? {
                        value if value.is_empty() => path.truncate(path.strip_suffix('.').unwrap_or(&path).len()),
                        value => path.push_str(&value),
                    },
                }
            }
        }
        Ok(if path.is_empty() { "/".to_owned() } else { path })
    }

    /// Returns a path that the template matches, to find templates that match the same paths. Returns `None` if no
    /// common value satisfies a constraint.
    pub fn example(&self) -> Option<String> {
        let mut path = String::new();
        for segment in &self.segments {
            path.push('/');
            for part in &segment.parts {
                match part {
                    Part::Literal(literal) => path.push_str(literal),
                    Part::Parameter(parameter) => path.push_str(parameter.example()?),
                }
            }
        }
        Some(path)
    }
}

/// Parses the parts up to the next slash outside of braces. Returns them with the text after that slash.
fn read_segment(text: &str) -> Result<(Vec<Part>, &str), String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && !rest.starts_with('/') {
        let part;
        (part, rest) = if rest.starts_with('{') && !rest.starts_with("{{") {
            let end = end_of_parameter(rest)?;
            let inside = rest[1..end].replace("}}", "}").replace("{{", "{");
            (Part::Parameter(Parameter::parse(&inside)?), &rest[end + 1..])
        } else {
            let (literal, rest) = read_literal(rest)?;
            (Part::Literal(literal), rest)
        };
        parts.push(part);
    }
    if parts.is_empty() {
        return Err("has an empty segment: two slashes in a row, or a slash at its start".to_owned());
    }
    Ok((parts, rest.strip_prefix('/').unwrap_or(rest)))
}

/// Returns the index of the brace that closes a parameter. Doubled braces inside are escaped braces.
fn end_of_parameter(text: &str) -> Result<usize, String> {
    let bytes = text.as_bytes();
    let mut index = 1;
    while index < bytes.len() {
        let is_doubled = bytes.get(index + 1) == Some(&bytes[index]);
        match bytes[index] {
            b'{' | b'}' if is_doubled => index += 1,
            b'{' => return Err("has a `{` inside a parameter: write `{{` for a literal brace".to_owned()),
            b'}' => return Ok(index),
            _ => {}
        }
        index += 1;
    }
    Err("has a `{` without its `}`".to_owned())
}

fn read_literal(text: &str) -> Result<(String, &str), String> {
    let bytes = text.as_bytes();
    let mut end = 0;
    while end < bytes.len() && bytes[end] != b'/' {
        match (bytes[end], bytes.get(end + 1)) {
            (b'{', Some(b'{')) | (b'}', Some(b'}')) => end += 2,
            (b'{', _) => break,
            (b'}', _) => return Err("has a `}` without its `{`".to_owned()),
            (b'?', _) => return Err("has a `?` outside of a parameter".to_owned()),
            _ => end += 1,
        }
    }
    Ok((text[..end].replace("}}", "}").replace("{{", "{"), &text[end..]))
}

impl Segment {
    fn check(&self) -> Result<(), String> {
        for (index, part) in self.parts.iter().enumerate() {
            let Part::Parameter(parameter) = part else { continue };
            let before = index.checked_sub(1).map(|before| &self.parts[before]);
            match (&parameter.presence, before) {
                (Presence::CatchAll, _) if self.parts.len() > 1 => {
                    return Err("has a catch-all next to other parts of a segment".to_owned());
                }
                (_, Some(Part::Parameter(_))) => {
                    return Err("has two parameters without a text between them".to_owned());
                }
                (Presence::Optional, _) if index + 1 < self.parts.len() => {
                    return Err(format!("has the optional parameter `{}` before a text", parameter.name));
                }
                (Presence::Optional, Some(Part::Literal(literal))) if literal != "." => {
                    return Err(format!("has `{literal}` before an optional parameter: only `.` may stand there"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.parts.iter().filter_map(|part| match part {
            Part::Parameter(parameter) => Some(parameter),
            Part::Literal(_) => None,
        })
    }

    fn catch_all(&self) -> Option<&Parameter> {
        self.parameters().find(|parameter| parameter.presence == Presence::CatchAll)
    }

    /// Matches the segment against a text that is not empty.
    fn matches(&self, text: &str) -> Option<Values> {
        match self.parts.as_slice() {
            [Part::Literal(literal)] => equal(text, literal).then(Vec::new),
            [Part::Parameter(parameter)] => Some(vec![(parameter.name.clone(), text.to_owned())]),
            [parts @ .., Part::Literal(separator), Part::Parameter(last)] if last.presence == Presence::Optional => {
                match_from_the_right(&self.parts, text).or_else(|| {
                    if text.ends_with(separator.as_str()) { None } else { match_from_the_right(parts, text) }
                })
            }
            parts => match_from_the_right(parts, text),
        }
    }

    /// Matches the segment against a path that has already ended.
    fn without_text(&self) -> Option<Values> {
        match self.parts.as_slice() {
            [Part::Parameter(parameter)] if parameter.default.is_some() || parameter.presence == Presence::Optional => {
                Some(Vec::new())
            }
            _ => None,
        }
    }
}

/// Matches each literal as far to the right as possible. A parameter takes the text between two literals, at least one
/// character.
fn match_from_the_right(parts: &[Part], text: &str) -> Option<Values> {
    let mut values = Values::new();
    let mut end = text.len();
    let mut pending: Option<&Parameter> = None;
    for (index, part) in parts.iter().enumerate().rev() {
        match part {
            Part::Parameter(parameter) => pending = Some(parameter),
            Part::Literal(literal) => {
                let limit = match pending {
                    Some(_) => text[..end].char_indices().next_back()?.0,
                    None => end,
                };
                let found = rfind(&text[..limit], literal)?;
                let after = text.len() - strip_prefix(&text[found..], literal)?.len();
                if index + 1 == parts.len() && after != text.len() {
                    return None;
                }
                if let Some(parameter) = pending.take() {
                    values.push((parameter.name.clone(), text[after..end].to_owned()));
                }
                end = found;
            }
        }
    }
    match pending {
        Some(parameter) => values.push((parameter.name.clone(), text[..end].to_owned())),
        None if end > 0 => return None,
        None => {}
    }
    values.reverse();
    values.iter().all(|(_, value)| !value.is_empty()).then_some(values)
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
