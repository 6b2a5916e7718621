//! Writes a function's line of the manifest. See `docs/abi.md`, section 4.

use crate::attribute::HttpAttribute;
use serde_json::{Map, Value, json};

/// A member of the line: its name, and its value unless it is left out.
type Field = (&'static str, Option<Value>);

/// The line in two parts, around the entries of the member `head`: only the compiler knows those, from the types of the
/// arguments.
pub fn manifest_line(attribute: &HttpAttribute, name: &str, export: &str) -> (String, String) {
    let before = [("name", Some(json!(name))), ("export", Some(json!(export))), ("trigger", Some(trigger(attribute)))];
    let after = [
        ("run", attribute.run.as_ref().map(|run| json!(run))),
        ("warmUp", attribute.warm_up.as_ref().map(|_| json!(warm_up_export(name)))),
        ("timeoutMs", attribute.timeout_ms.map(Value::from)),
        ("maxBodyBytes", attribute.max_body.map(Value::from)),
        ("maxMemoryBytes", attribute.max_memory.map(Value::from)),
        ("env", list(&attribute.env)),
    ];
    let before: String = members(before).map(|member| format!("{member},")).collect();
    let after: String = members(after).map(|member| format!(",{member}")).collect();
    (format!("{{{before}\"head\":["), format!("]{after}}}\n"))
}

/// The name of the export that runs the example of a function.
pub fn warm_up_export(name: &str) -> String {
    format!("bluecrab_warm_up_{name}")
}

fn trigger(attribute: &HttpAttribute) -> Value {
    let fields = [
        ("type", Some(json!("httpTrigger"))),
        ("methods", list(&attribute.methods)),
        ("route", attribute.route.as_ref().map(|route| json!(route))),
        ("authLevel", attribute.auth.as_ref().map(|level| json!(level))),
    ];
    let present = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}

fn list(values: &[String]) -> Option<Value> {
    (!values.is_empty()).then(|| json!(values))
}

/// The fields that have a value, each as `"name":value`.
fn members<const N: usize>(fields: [Field; N]) -> impl Iterator<Item = String> {
    fields.into_iter().filter_map(|(name, value)| Some(format!("{}:{}", json!(name), value?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(attribute: &str) -> Value {
        let (before, after) = manifest_line(&syn::parse_str(attribute).unwrap(), "rows", "bluecrab_call_rows");
        let line = format!("{before}\"query\"{after}");
        assert!(line.ends_with("}\n") && line.matches('\n').count() == 1, "{line}");
        serde_json::from_str(&line).unwrap()
    }

    #[test]
    fn an_option_that_is_not_set_is_left_out() {
        let trigger = json!({ "type": "httpTrigger" });
        let expected = json!({ "name": "rows", "export": "bluecrab_call_rows", "trigger": trigger, "head": ["query"] });
        assert_eq!(line(""), expected);
    }

    #[test]
    fn every_option_has_a_member() {
        let attribute = r#"methods = ["GET"], route = "rows/{id}", auth = "function", env = ["TABLE"], timeout = "2m",
            max_body = "10MiB", max_memory = "512MiB", run = "pool", warm_up = tests::example"#;
        let expected = json!({
            "name": "rows",
            "export": "bluecrab_call_rows",
            "trigger": { "type": "httpTrigger", "methods": ["GET"], "route": "rows/{id}", "authLevel": "function" },
            "head": ["query"],
            "run": "pool",
            "warmUp": "bluecrab_warm_up_rows",
            "timeoutMs": 120_000,
            "maxBodyBytes": 10_485_760,
            "maxMemoryBytes": 536_870_912,
            "env": ["TABLE"],
        });
        assert_eq!(line(attribute), expected);
    }
}
