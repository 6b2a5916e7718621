//! Resolves binding expressions such as `{name}` and `%SETTING%` (azure-webjobs-sdk, `Bindings/Path/BindingTemplate`).

use super::date_format;
use crate::app::App;
use bluecrab_rpc::{TypedData, typed_data::Data};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// The format of `{DateTime}` without a format of its own.
const DEFAULT_DATE_FORMAT: &str = "yyyy-MM-ddTHH-mm-ssK";
/// The members of a binding that are names and not templates.
const NOT_TEMPLATES: [&str; 4] = ["name", "type", "direction", "connection"];

/// The values that the binding expressions of an invocation can name.
pub struct Values<'a> {
    /// The app, for its settings.
    pub app: &'a App,
    /// The function's name.
    pub function: &'a str,
    /// The metadata of the trigger.
    pub metadata: &'a HashMap<String, TypedData>,
}

impl Values<'_> {
    /// Resolves the expressions in every member of a binding.
    ///
    /// # Errors
    /// Returns a sentence that names the expression that has no value.
    pub fn resolve_binding(&self, binding: &Value) -> Result<Value, String> {
        let mut resolved = binding.clone();
        let is_table = binding["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("table"));
        for (name, member) in resolved.as_object_mut().into_iter().flatten() {
            let Value::String(template) = member else { continue };
            if NOT_TEMPLATES.contains(&name.as_str()) {
                continue;
            }
            // In the filter of a table, a single quote in a value would end the text around it, so it is doubled
            // (azure-sdk-for-net, `ODataFilterResolutionPolicy`).
            let escape = |value: String| if is_table && name == "filter" { value.replace('\'', "''") } else { value };
            *template = expand(&settings_in(template, self.app)?, |expression| self.value(expression).map(escape))?;
        }
        Ok(resolved)
    }

    fn value(&self, expression: &str) -> Result<String, String> {
        let (name, format) =
            expression.split_once(':').map_or((expression, None), |(name, format)| (name, Some(format)));
        match name.to_ascii_lowercase().as_str() {
            "rand-guid" | "sys.randguid" => return guid(format),
            "datetime" | "sys.utcnow" => {
                let format = format.unwrap_or(DEFAULT_DATE_FORMAT);
                return Ok(date_format::format(Timestamp::now(), format));
            }
            "sys.methodname" => return Ok(self.function.to_owned()),
            _ => {}
        }
        let mut path = expression.split('.');
        let first = path.next().unwrap_or_default();
        let found = self.metadata.iter().find(|(name, _)| name.eq_ignore_ascii_case(first));
        let found = found.and_then(|(_, data)| walk(data, path));
        found.ok_or_else(|| format!("the binding expression {{{expression}}} has no value in this call"))
    }
}

/// Replaces each `%NAME%` by the app setting NAME.
///
/// # Errors
/// Returns a sentence that names the setting that is missing.
pub fn settings_in(template: &str, app: &App) -> Result<String, String> {
    let mut resolved = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('%') {
        let Some((name, end)) = after.split_once('%') else { break };
        let value = app.setting(name).ok_or_else(|| format!("%{name}% names an app setting that does not exist"))?;
        resolved.push_str(before);
        resolved.push_str(value);
        rest = end;
    }
    Ok(resolved + rest)
}

/// Replaces each `{expression}` by its value. `{{` and `}}` are braces.
fn expand(template: &str, value: impl Fn(&str) -> Result<String, String>) -> Result<String, String> {
    let mut resolved = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let brace = &rest[at..=at];
        resolved.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            resolved.push_str(brace);
            rest = after;
        } else if let (Some((expression, after)), "{") = (rest.split_once('}'), brace) {
            resolved.push_str(&value(expression)?);
            rest = after;
        } else {
            return Err(format!("the binding expression in \"{template}\" has a brace without its partner"));
        }
    }
    Ok(resolved + rest)
}

/// Follows the names of a path into JSON objects, and returns the text at its end.
fn walk<'a>(data: &TypedData, path: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut path = path.peekable();
    let text = match data.data.as_ref()? {
        Data::String(text) if path.peek().is_none() => return Some(text.clone()),
        Data::String(text) | Data::Json(text) => text,
        Data::Int(number) => return path.peek().is_none().then(|| number.to_string()),
        Data::Double(number) => return path.peek().is_none().then(|| number.to_string()),
        _ => return None,
    };
    let root: Value = serde_json::from_str(text).ok()?;
    let found = path.try_fold(&root, |value, name| member(value.as_object()?, name))?;
    crate::app::scalar(found).or_else(|| Some(found.to_string()))
}

fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let same_case = object.get(name);
    same_case.or_else(|| object.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn guid(format: Option<&str>) -> Result<String, String> {
    let id = Uuid::new_v4();
    match format.unwrap_or("D") {
        "N" | "n" => Ok(id.simple().to_string()),
        "D" | "d" | "" => Ok(id.to_string()),
        "B" | "b" => Ok(id.braced().to_string()),
        "P" | "p" => Ok(format!("({id})")),
        other => Err(format!("{{rand-guid:{other}}} has an unknown format: expected N, D, B or P")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn resolve(template: &str) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("host.json"), "{}").unwrap();
        std::fs::write(folder.path().join("package.json"), "{}").unwrap();
        let local = r#"{ "Values": { "Queue": "jobs", "EMPTY_BRACE": "{name}" } }"#;
        std::fs::write(folder.path().join("local.settings.json"), local).unwrap();
        let app = App::read(folder.path()).unwrap();
        let metadata = HashMap::from([
            ("name".to_owned(), TypedData::string("cat.png")),
            ("QueueTrigger".to_owned(), TypedData::string(r#"{"order":{"Id":7,"tags":["a"],"rush":true}}"#)),
            ("Headers".to_owned(), TypedData::json(r#"{"x-user":"O'Neil"}"#)),
        ]);
        let values = Values { app: &app, function: "resize", metadata: &metadata };
        values.resolve_binding(&json!({ "path": template })).map(|binding| binding["path"].as_str().unwrap().to_owned())
    }

    #[test]
    fn resolves_metadata_settings_and_braces() {
        for (template, expected) in [
            ("small/{name}", "small/cat.png"),
            ("{NAME}-{queuetrigger.order.id}", "cat.png-7"),
            ("{QueueTrigger.order.rush} {QueueTrigger.order.tags}", "True [\"a\"]"),
            ("{headers.x-user}", "O'Neil"),
            ("%queue%/{{name}}/{sys.methodname}", "jobs/{name}/resize"),
            ("100%", "100%"),
            ("%EMPTY_BRACE%", "cat.png"),
            ("plain", "plain"),
        ] {
            assert_eq!(resolve(template).as_deref(), Ok(expected), "{template}");
        }
        assert_eq!(resolve("{rand-guid}").unwrap().len(), 36);
        assert_eq!(resolve("{sys.randguid:N}").unwrap().len(), 32);
        assert_eq!(resolve("{DateTime:yyyy}").unwrap().len(), 4);
        assert_eq!(resolve("{datetime}").unwrap().len(), "2026-11-26T17-00-00Z".len());
    }

    #[test]
    fn says_which_expression_has_no_value() {
        for (template, part) in [
            ("{other}", "{other}"),
            ("{name.size}", "{name.size}"),
            ("{queueTrigger.order.none}", "{queueTrigger.order.none}"),
            ("%NONE%", "%NONE%"),
            ("{name", "brace"),
            ("name}", "brace"),
            ("{rand-guid:X}", "format"),
        ] {
            let error = resolve(template).unwrap_err();
            assert!(error.contains(part), "{template}: {error}");
        }
    }

    #[test]
    fn escapes_values_in_the_filter_of_a_table() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("host.json"), "{}").unwrap();
        std::fs::write(folder.path().join("package.json"), "{}").unwrap();
        let app = App::read(folder.path()).unwrap();
        let metadata = HashMap::from([("user".to_owned(), TypedData::string("O'Neil"))]);
        let values = Values { app: &app, function: "list", metadata: &metadata };
        let table = json!({ "type": "table", "tableName": "t", "filter": "Name eq '{user}'", "take": 5 });
        let resolved = values.resolve_binding(&table).unwrap();
        assert_eq!((&resolved["filter"], &resolved["take"]), (&json!("Name eq 'O''Neil'"), &json!(5)));
    }
}
