//! The text between the braces of a route template: `id:int:min(1)=7`.

use super::constraint::Constraint;
use super::path::{escape, escape_segments};

/// A parameter of a route template, such as `{id:int=7}`.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// The name, as the template has it.
    pub name: String,
    /// Whether a path must contain a value.
    pub presence: Presence,
    /// The value that the parameter has if the path contains no value for it.
    pub default: Option<String>,
    constraints: Vec<Constraint>,
}

/// Whether a path must contain a value for a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The path must contain a value, unless there is a default.
    Required,
    /// The path may end before the value.
    Optional,
    /// The parameter takes the rest of the path, which may be empty.
    CatchAll,
}

impl Parameter {
    /// Parses a parameter without its braces, as ASP.NET Core does (dotnet/aspnetcore, `RouteParameterParser.cs`).
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (declaration, is_catch_all) = match text.strip_prefix("**").or_else(|| text.strip_prefix('*')) {
            Some(declaration) => (declaration, true),
            None => (text, false),
        };
        let (declaration, is_optional) = match declaration.strip_suffix('?') {
            Some(declaration) => (declaration, true),
            None => (declaration, false),
        };
        let after_first = declaration.chars().next().map_or(0, char::len_utf8);
        let end = declaration[after_first..].find([':', '=']).map_or(declaration.len(), |index| index + after_first);
        let (name, rest) = declaration.split_at(end);
        if name.is_empty() || name.contains(['/', '{', '}', '?', '*']) {
            return Err(format!("has `{{{text}}}`, which does not name a parameter"));
        }
        let (constraints, default) = split_constraints(rest);
        let presence = match (is_catch_all, is_optional) {
            (true, true) => return Err(format!("has the catch-all `{name}`, which cannot be optional as well")),
            (true, false) => Presence::CatchAll,
            (false, true) if default.is_some() => {
                return Err(format!("has the optional parameter `{name}`, which cannot have a default value as well"));
            }
            (false, true) => Presence::Optional,
            (false, false) => Presence::Required,
        };
        let constraints = constraints.iter().map(|text| Constraint::parse(text)).collect::<Result<_, _>>()?;
        Ok(Self { name: name.to_owned(), presence, default: default.map(str::to_owned), constraints })
    }

    /// Returns whether a value satisfies the constraints. An optional parameter without a value satisfies all of them.
    pub(super) fn accepts(&self, value: Option<&str>) -> bool {
        (value.is_none() && self.presence == Presence::Optional)
            || self.constraints.iter().all(|constraint| constraint.accepts(value))
    }

    /// Returns a value as a path contains it. Only a catch-all spans segments.
    pub fn escape(&self, value: &str) -> String {
        if self.presence == Presence::CatchAll { escape_segments(value) } else { escape(value) }
    }

    /// Returns the first of a few common values that satisfies the constraints.
    pub(super) fn example(&self) -> Option<&'static str> {
        const EXAMPLES: [&str; 10] = [
            "x",
            "1",
            "10",
            "true",
            "2026-01-31",
            "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
            "example",
            "example.txt",
            "12345678",
            "a-long-example-of-a-value",
        ];
        // A long path, which probably only a catch-all matches.
        let of_catch_all = (self.presence == Presence::CatchAll).then_some("x/x/x/x/x/x/x.x");
        of_catch_all.into_iter().chain(EXAMPLES).find(|example| self.accepts(Some(example)))
    }
}

/// Splits `:int:min(1)=7` into the constraints and the default value. The parentheses of a constraint may contain `:`
/// and `=`.
fn split_constraints(text: &str) -> (Vec<&str>, Option<&str>) {
    let mut constraints = Vec::new();
    let mut rest = text;
    while let Some(constraint) = rest.strip_prefix(':') {
        let end = end_of_constraint(constraint);
        constraints.extend(Some(&constraint[..end]).filter(|constraint| !constraint.is_empty()));
        rest = &constraint[end..];
    }
    (constraints, rest.strip_prefix('='))
}

fn end_of_constraint(text: &str) -> usize {
    let Some(mut index) = text.find([':', '=', '(']) else { return text.len() };
    if !text[index..].starts_with('(') {
        return index;
    }
    while let Some(found) = text[index + 1..].find([')', ':', '=']).map(|found| found + index + 1) {
        let is_end = |next: &str| next.is_empty() || next.starts_with([':', '=']);
        if text[found..].starts_with(')') {
            if is_end(&text[found + 1..]) {
                return found + 1;
            }
            index = found;
        } else {
            // A separator belongs to the constraint if a closing parenthesis follows.
            match text[found + 1..].find(')') {
                Some(closing) => index = found + 1 + closing,
                None => return found,
            }
        }
    }
    text.len()
}
