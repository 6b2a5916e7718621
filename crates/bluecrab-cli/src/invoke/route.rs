//! Fills the parameters of a route template such as `/api/rows/{id:int}`.

use anyhow::{Result, bail, ensure};
use bluecrab_host::route::{Presence, Template};
use form_urlencoded::Serializer;

/// Returns the path and query for these values. Values whose names are not in the template make up the query.
///
/// # Errors
/// Returns an error that names a parameter without a value, or says what is wrong with the template.
pub fn fill(template: &str, values: &[(String, String)]) -> Result<String> {
    let mut used = Vec::new();
    let path = Template::parse(template)?.path(|parameter| {
        let name = &parameter.name;
        match (values.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)), &parameter.default) {
            (Some((given, value)), _) if !value.is_empty() || parameter.presence != Presence::Required => {
                used.push(given);
                Ok(parameter.escape(value))
            }
            (_, Some(default)) => Ok(parameter.escape(default)),
            (_, None) if parameter.presence != Presence::Required => Ok(String::new()),
            (_, None) => bail!("the route `{template}` needs a value for {name}: add --param {name}=VALUE"),
        }
    })?;
    ensure!(
        !path.split('/').any(|segment| matches!(segment, "." | "..")),
        "no path can have the part `.` or `..`, which {path} would have: the server would read it as another path"
    );
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
            ("/api/é {id}", &[("id", "x")], "/api/%C3%A9%20x"),
            ("/", &[], "/"),
            (r"/api/{id:regex(^\d{{3}}$)}/{{x}}", &[("id", "123")], "/api/123/%7Bx%7D"),
        ] {
            assert_eq!(filled(template, values).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn names_the_parameter_without_a_value() {
        let said = filled("/api/rows/{id:int}", &[("row", "7")]).unwrap_err();
        assert_eq!(said, "the route `/api/rows/{id:int}` needs a value for id: add --param id=VALUE");
        assert_eq!(filled("/api/rows/{id:int}", &[("id", "")]).unwrap_err(), said);
    }

    #[test]
    fn refuses_values_that_make_another_path() {
        for (template, value) in [("/api/{id}", ".."), ("/api/{*id}", "a/../../admin"), ("/api/{id}/x", ".")] {
            let said = filled(template, &[("id", value)]).unwrap_err();
            assert!(said.starts_with("no path can have the part `.` or `..`, which /api/"), "{said}");
        }
        assert_eq!(filled("/api/{id}", &[("id", "a..b")]).as_deref(), Ok("/api/a..b"));
    }
}
