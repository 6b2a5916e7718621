//! A function's line of the manifest. See `docs/abi.md`, section 4.

use crate::attribute::HttpAttribute;
use serde_json::{Map, Value, json};

/// The manifest's line before and after the member `head`, which the types of the arguments decide.
pub fn manifest(attribute: &HttpAttribute, name: &str, export: &str) -> (String, String) {
    let mut trigger = Map::new();
    trigger.insert("type".to_owned(), json!("httpTrigger"));
    if !attribute.methods.is_empty() {
        trigger.insert("methods".to_owned(), json!(attribute.methods));
    }
    let optional = [("route", &attribute.route), ("authLevel", &attribute.auth)];
    for (member, value) in optional {
        if let Some(value) = value {
            trigger.insert(member.to_owned(), json!(value));
        }
    }
    let known = json!({ "name": name, "export": export, "trigger": Value::Object(trigger) }).to_string();
    let before = format!("{},\"head\":[", known.strip_suffix('}').unwrap_or(&known));
    let rest = [
        ("run", attribute.run.as_ref().map(|run| json!(run))),
        ("inlineUpToBytes", attribute.inline_up_to.map(Value::from)),
        ("timeoutMs", attribute.timeout_ms.map(Value::from)),
        ("maxBodyBytes", attribute.max_body.map(Value::from)),
        ("maxMemoryBytes", attribute.max_memory.map(Value::from)),
        ("env", (!attribute.env.is_empty()).then(|| json!(attribute.env))),
    ];
    let mut after = "]".to_owned();
    for (member, value) in rest {
        if let Some(value) = value {
            after.push_str(&format!(",\"{member}\":{value}"));
        }
    }
    after.push_str("}\n");
    (before, after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(attribute: &str) -> Value {
        let (before, after) = manifest(&syn::parse_str(attribute).unwrap(), "rows", "bluecrab_call_rows");
        let line = format!("{before}\"query\"{after}");
        assert!(line.ends_with("}\n") && line.matches('\n').count() == 1, "{line}");
        serde_json::from_str(&line).unwrap()
    }

    #[test]
    fn what_is_not_set_is_left_out() {
        let trigger = json!({ "type": "httpTrigger" });
        let expected = json!({ "name": "rows", "export": "bluecrab_call_rows", "trigger": trigger, "head": ["query"] });
        assert_eq!(line(""), expected);
    }

    #[test]
    fn every_option_has_its_member() {
        let attribute = r#"methods = ["GET"], route = "rows/{id}", auth = "function", env = ["TABLE"], timeout = "2m",
            max_body = "10MiB", max_memory = "512MiB", run = "pool", inline_up_to = "64KiB""#;
        let expected = json!({
            "name": "rows",
            "export": "bluecrab_call_rows",
            "trigger": { "type": "httpTrigger", "methods": ["GET"], "route": "rows/{id}", "authLevel": "function" },
            "head": ["query"],
            "run": "pool",
            "inlineUpToBytes": 65_536,
            "timeoutMs": 120_000,
            "maxBodyBytes": 10_485_760,
            "maxMemoryBytes": 536_870_912,
            "env": ["TABLE"],
        });
        assert_eq!(line(attribute), expected);
    }
}
