//! Fills the parameters of a route template such as `/api/rows/{id:int}`.

use crate::route::{Part, parts};
use anyhow::{Result, bail};
use form_urlencoded::Serializer;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What a path segment cannot hold as it is (RFC 3986, section 3.3).
const IN_SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');
/// A parameter such as `{*rest}` spans segments.
const IN_PATH: &AsciiSet = &IN_SEGMENT.remove(b'/');

/// Returns the path and query for these values. Values whose names are not in the template make up the query.
///
/// # Errors
/// Returns an error that names a parameter without a value.
pub fn fill(template: &str, values: &[(String, String)]) -> Result<String> {
    let mut path = String::new();
    let mut used = Vec::new();
    for part in parts(template)? {
        let parameter = match part {
            Part::Literal(text) => {
                path.push_str(text);
                continue;
            }
            Part::Parameter(parameter) => parameter,
        };
        let name = parameter.name;
        match (values.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)), parameter.default) {
            (Some((given, value)), _) => {
                used.push(given);
                let set = if parameter.is_catch_all { IN_PATH } else { IN_SEGMENT };
                path.extend(utf8_percent_encode(value, set));
            }
            (None, Some(default)) => path.extend(utf8_percent_encode(default, IN_SEGMENT)),
            // The dot before an optional extension is left out with it.
            (None, None) if parameter.is_optional || parameter.is_catch_all => {
                path.truncate(path.strip_suffix('.').unwrap_or(&path).len());
            }
            (None, None) => bail!("the route `{template}` needs a value for {name}: add --param {name}=VALUE"),
        }
    }
    let mut query = Serializer::new(String::new());
    query.extend_pairs(values.iter().filter(|(name, _)| !used.contains(&name)));
    let query = query.finish();
    Ok(if query.is_empty() { path } else { format!("{path}?{query}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, values: &[(&str, &str)]) -> Result<String, String> {
        let values: Vec<_> = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        fill(template, &values).map_err(|error| error.to_string())
    }

    #[test]
    fn fills_parameters_and_puts_the_others_into_the_query() {
        for (template, values, expected) in [
            ("/api/rows", &[][..], "/api/rows"),
            ("/api/rows/{id:int}", &[("ID", "7"), ("page", "a b&c")], "/api/rows/7?page=a+b%26c"),
            ("/api/{name}.{ext?}", &[("name", "a/b é")], "/api/a%2Fb%20%C3%A9"),
            ("/api/{name}.{ext?}", &[("name", "a"), ("ext", "png")], "/api/a.png"),
            ("/api/{*rest}", &[("rest", "a/b?c")], "/api/a/b%3Fc"),
            ("/api/{**rest}", &[], "/api/"),
            ("/api/{year=2026}/x", &[], "/api/2026/x"),
            (r"/api/{id:regex(^\d{{3}}$)}/{{x}}", &[("id", "123")], "/api/123/%7Bx%7D"),
        ] {
            assert_eq!(filled(template, values).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn names_the_parameter_without_a_value() {
        let said = filled("/api/rows/{id:int}", &[("row", "7")]).unwrap_err();
        assert_eq!(said, "the route `/api/rows/{id:int}` needs a value for id: add --param id=VALUE");
    }
}
