//! One route template: `rows/{id:int}/{part?}` or `files/{*path}`.
//!
//! A segment is a literal or one parameter, as in the routes of function apps; ASP.NET's segments of several parts
//! (`{name}.{ext}`) are refused with a message.

use super::constraint::Constraint;
use percent_encoding::percent_decode_str;
use std::cmp::Ordering;

/// Why a route cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(pub String);

/// A route template, ready to be matched.
#[derive(Debug, Clone)]
pub struct Template {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone)]
enum Segment {
    Literal(String),
    Parameter(Parameter),
}

#[derive(Debug, Clone)]
struct Parameter {
    name: String,
    constraints: Vec<Constraint>,
    presence: Presence,
}

#[derive(Debug, Clone, PartialEq)]
enum Presence {
    Required,
    Optional,
    Default(String),
    CatchAll,
}

impl Template {
    /// Reads a template; slashes at its ends do not count.
    ///
    /// # Errors
    /// Where braces do not pair, a constraint is unknown, or a catch-all is not the last segment.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let segments: Vec<Segment> = split_segments(text)?.into_iter().map(Segment::parse).collect::<Result<_, _>>()?;
        let catch_all = segments.iter().position(Segment::is_catch_all);
        if catch_all.is_some_and(|index| index + 1 < segments.len()) {
            return Err(TemplateError(format!("a catch-all must be the last segment of the route `{text}`")));
        }
        Ok(Self { segments })
    }

    /// The parameters of a path that the template matches.
    ///
    /// Literals compare without case; values are percent-decoded.
    pub fn matches(&self, path: &str) -> Option<Vec<(String, String)>> {
        let path = path.trim_matches('/');
        let parts: Vec<&str> = if path.is_empty() { Vec::new() } else { path.split('/').collect() };
        let mut values = Vec::new();
        for (index, segment) in self.segments.iter().enumerate() {
            let part = parts.get(index).copied();
            match segment {
                Segment::Literal(literal) => {
                    if !decode(part?)?.eq_ignore_ascii_case(literal) {
                        return None;
                    }
                }
                Segment::Parameter(parameter) if parameter.presence == Presence::CatchAll => {
                    let rest = parts.get(index..).map(|rest| rest.join("/")).unwrap_or_default();
                    parameter.take(Some(&rest), &mut values)?;
                    return Some(values);
                }
                Segment::Parameter(parameter) => parameter.take(part, &mut values)?,
            }
        }
        (parts.len() <= self.segments.len()).then_some(values)
    }

    /// Which of two templates is tried first: literals before constrained parameters, those before free ones, those
    /// before catch-alls, segment by segment.
    pub fn precedence(&self, other: &Self) -> Ordering {
        let ranks = |template: &Self| template.segments.iter().map(Segment::rank).collect::<Vec<_>>();
        ranks(self).cmp(&ranks(other))
    }
}

/// Splits at slashes outside of braces, since a regular expression may hold some.
fn split_segments(text: &str) -> Result<Vec<&str>, TemplateError> {
    let (mut segments, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    let text = text.trim_matches('/');
    for (index, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => return Err(TemplateError(format!("a `}}` without its `{{` in the route `{text}`"))),
            '}' => depth -= 1,
            '/' if depth == 0 => {
                segments.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err(TemplateError(format!("a `{{` without its `}}` in the route `{text}`")));
    }
    if !text.is_empty() {
        segments.push(&text[start..]);
    }
    if segments.iter().any(|segment| segment.is_empty()) {
        return Err(TemplateError(format!("an empty segment in the route `{text}`")));
    }
    Ok(segments)
}

impl Segment {
    fn parse(text: &str) -> Result<Self, TemplateError> {
        match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(inside) => Parameter::parse(inside).map(Self::Parameter),
            None if text.contains('{') => {
                Err(TemplateError(format!("a segment is a literal or one parameter; `{text}` is a mixture")))
            }
            None => Ok(Self::Literal(text.to_owned())),
        }
    }

    fn is_catch_all(&self) -> bool {
        matches!(self, Self::Parameter(parameter) if parameter.presence == Presence::CatchAll)
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Parameter(parameter) => {
                u8::from(parameter.constraints.is_empty()) + if self.is_catch_all() { 3 } else { 1 }
            }
        }
    }
}

impl Parameter {
    fn parse(text: &str) -> Result<Self, TemplateError> {
        let (text, catch_all) = match text.strip_prefix("**").or_else(|| text.strip_prefix('*')) {
            Some(text) => (text, true),
            None => (text, false),
        };
        let (text, default) = match split_outside_parentheses(text, '=').as_slice() {
            [declaration, default] => (*declaration, Some((*default).to_owned())),
            _ => (text, None),
        };
        let (text, optional) = match text.strip_suffix('?') {
            Some(text) => (text, true),
            None => (text, false),
        };
        let parts = split_outside_parentheses(text, ':');
        let (name, constraints) = parts.split_first().map_or(("", &[][..]), |(name, rest)| (*name, rest));
        let valid = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
        if name.is_empty() || !name.chars().all(valid) {
            return Err(TemplateError(format!("`{{{text}}}` is not a route parameter")));
        }
        let presence = match (catch_all, default, optional) {
            (true, ..) => Presence::CatchAll,
            (_, Some(default), _) => Presence::Default(default),
            (_, _, true) => Presence::Optional,
            _ => Presence::Required,
        };
        let constraints = constraints.iter().map(|text| Constraint::parse(text)).collect::<Result<_, _>>()?;
        Ok(Self { name: name.to_owned(), constraints, presence })
    }

    /// Notes the value of a part of the path; nothing where the part does not fit.
    fn take(&self, part: Option<&str>, values: &mut Vec<(String, String)>) -> Option<()> {
        let value = match (part, &self.presence) {
            (Some(part), _) if !part.is_empty() => decode(part)?,
            (_, Presence::Default(default)) => default.clone(),
            (_, Presence::Optional | Presence::CatchAll) => return Some(()),
            _ => return None,
        };
        if !self.constraints.iter().all(|constraint| constraint.accepts(&value)) {
            return None;
        }
        values.push((self.name.clone(), value));
        Some(())
    }
}

fn split_outside_parentheses(text: &str, separator: char) -> Vec<&str> {
    let mut depth = 0_i32;
    text.split(|character| {
        depth += match character {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0 && character == separator
    })
    .collect()
}

fn decode(part: &str) -> Option<String> {
    percent_decode_str(part).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(template: &str, path: &str) -> Option<String> {
        let values = Template::parse(template).unwrap().matches(path)?;
        Some(values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn matches_paths() {
        for (template, path, expected) in [
            ("hello", "/Hello", Some("")),
            ("hello", "/hello/", Some("")),
            ("hello", "/hello/more", None),
            ("rows/{id}", "rows/7", Some("id=7")),
            ("rows/{id}", "rows", None),
            ("rows/{id?}", "rows", Some("")),
            ("rows/{id=1}", "rows", Some("id=1")),
            ("rows/{id:int}", "rows/-7", Some("id=-7")),
            ("rows/{id:int}", "rows/seven", None),
            ("rows/{id:int:range(1,9)}", "rows/10", None),
            ("rows/{id:length(2,3)}/x", "rows/abc/x", Some("id=abc")),
            (
                "rows/{id:guid}",
                "rows/6f9619ff-8b86-d011-b42d-00cf4fc964ff",
                Some("id=6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
            ),
            ("rows/{id:regex(^a/b:c$)}", "rows/a%2Fb:c", Some("id=a/b:c")),
            ("files/{*path}", "files/a/b%20c", Some("path=a/b c")),
            ("files/{**path}", "files", Some("")),
            ("{name}", "caf%C3%A9", Some("name=café")),
            ("{name}", "%ff", None),
            ("", "", Some("")),
        ] {
            assert_eq!(values(template, path).as_deref(), expected, "{template} {path}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_template() {
        for (template, part) in [
            ("a/{b", "without its"),
            ("a/b}", "without its"),
            ("{*rest}/more", "last segment"),
            ("{id:whatever}", "unknown route constraint `whatever`"),
            ("{a}.{b}", "not a route parameter"),
            ("a//b", "empty segment"),
            ("x{a}", "mixture"),
        ] {
            let error = Template::parse(template).unwrap_err().to_string();
            assert!(error.contains(part), "{template}: {error}");
        }
    }
}
