//! Writes a function's line of the manifest. See `docs/abi.md`, sections 4 and 13.

use crate::attribute::Attribute;
use serde_json::{Value, json};

/// A member of the line: its name, and its value unless it is left out.
type Field = (&'static str, Option<Value>);

/// The parts of a line that the options decide. Only the compiler knows the rest, from the types of the arguments and
/// of the return value.
pub struct Line {
    /// The beginning, up to the last member of the trigger.
    pub before: String,
    /// The output that the options declare, if they declare one.
    pub output: String,
    /// The end, after the members that only the compiler knows.
    pub after: String,
}

pub fn line(attribute: &Attribute, name: &str, export: &str) -> Line {
    let trigger = Value::Object(attribute.trigger.clone());
    let before = [("name", Some(json!(name))), ("export", Some(json!(export))), ("trigger", Some(trigger))];
    let after = [
        ("retry", attribute.retry.clone()),
        ("run", attribute.run.as_ref().map(|run| json!(run))),
        ("warmUp", attribute.warm_up.as_ref().map(|_| json!(warm_up_export(name)))),
        ("timeoutMs", attribute.timeout_ms.map(Value::from)),
        ("maxBodyBytes", attribute.max_body.map(Value::from)),
        ("maxMemoryBytes", attribute.max_memory.map(Value::from)),
        ("env", (!attribute.env.is_empty()).then(|| json!(attribute.env))),
    ];
    let mut before = format!("{{{}", members(before).collect::<Vec<_>>().join(","));
    // The last brace ends the trigger. The compiler may add a member before it.
    before.pop();
    let after: String = members(after).map(|member| format!(",{member}")).collect();
    let output = attribute.output.as_ref().map(Value::to_string).unwrap_or_default();
    Line { before, output, after: format!("{after}}}\n") }
}

/// The name of the export that runs the example of a function.
pub fn warm_up_export(name: &str) -> String {
    format!("bluecrab_warm_up_{name}")
}

/// The fields that have a value, each as `"name":value`.
fn members<const N: usize>(fields: [Field; N]) -> impl Iterator<Item = String> {
    fields.into_iter().filter_map(|(name, value)| Some(format!("{}:{}", json!(name), value?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binding::{HTTP, TIMER, Trigger};

    fn read(trigger: &Trigger, attribute: &str) -> Value {
        let attribute = Attribute::parse(trigger, attribute.parse().unwrap()).unwrap();
        let Line { before, output, after } = line(&attribute, "rows", "bluecrab_call_rows");
        let line = format!("{before}}},\"head\":[\"query\"],\"outputs\":[{output}]{after}");
        assert!(line.ends_with("}\n") && line.matches('\n').count() == 1, "{line}");
        serde_json::from_str(&line).unwrap()
    }

    #[test]
    fn an_option_that_is_not_set_is_left_out() {
        let expected = json!({
            "name": "rows",
            "export": "bluecrab_call_rows",
            "trigger": { "type": "httpTrigger" },
            "head": ["query"],
            "outputs": [],
        });
        assert_eq!(read(&HTTP, ""), expected);
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
            "outputs": [],
            "run": "pool",
            "warmUp": "bluecrab_warm_up_rows",
            "timeoutMs": 120_000,
            "maxBodyBytes": 10_485_760,
            "maxMemoryBytes": 536_870_912,
            "env": ["TABLE"],
        });
        assert_eq!(read(&HTTP, attribute), expected);
    }

    #[test]
    fn other_triggers_have_outputs_and_retry_policies() {
        let attribute =
            r#""0 0 * * * *", run_on_startup = true, output = queue("reports"), retry = fixed_delay(3, "5s")"#;
        let expected = json!({
            "name": "rows",
            "export": "bluecrab_call_rows",
            "trigger": { "type": "timerTrigger", "schedule": "0 0 * * * *", "runOnStartup": true },
            "head": ["query"],
            "outputs": [{ "name": "$return", "type": "queue", "queueName": "reports" }],
            "retry": { "strategy": "fixedDelay", "maxRetryCount": 3, "delayMs": 5000 },
        });
        assert_eq!(read(&TIMER, attribute), expected);
    }
}
