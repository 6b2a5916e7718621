//! What an app sets without an effect on this host, so that the developer learns of it here.

use super::config::Config;
use super::settings::{LocalHost, Settings};
use serde_json::{Map, Value};

/// Members of host.json that this host honours, as paths in lower case.
const HONOURED: [&str; 9] = [
    "$schema",
    "version",
    "functiontimeout",
    "functions",
    "logging:loglevel",
    "extensions:http:routeprefix",
    "extensions:http:maxoutstandingrequests",
    "extensions:http:maxconcurrentrequests",
    "extensions:http:customheaders",
];
/// Members that are named with what is in them.
const CONTAINERS: [&str; 4] = ["logging", "extensions", "extensions:http", "extensions:http:hsts"];

/// One line that names every setting without an effect; nothing if there is none.
pub fn line(host_json: &Map<String, Value>, config: &Config, settings: &Settings, local: &LocalHost) -> Option<String> {
    let mut in_host_json = Vec::new();
    collect("", "", host_json, &mut in_host_json);
    let mut variables: Vec<String> = config
        .overridden()
        .filter(|(path, _)| !HONOURED.iter().any(|honoured| is_within(path, honoured)))
        .map(|(_, name)| name.to_owned())
        .collect();
    let others = settings.below("languageworkers:").filter(|(name, _)| *name != "node:arguments");
    variables.extend(others.map(|(_, setting)| setting.name.clone()));
    if settings.get("FUNCTIONS_WORKER_PROCESS_COUNT").is_some_and(|count| count != "1") {
        variables.push("FUNCTIONS_WORKER_PROCESS_COUNT".to_owned());
    }
    let sources =
        [("host.json", in_host_json), ("local.settings.json", local.ignored.clone()), ("app settings", variables)];
    let mut named: Vec<String> = sources
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(source, names)| format!("{source}: {}", names.join(", ")))
        .collect();
    if !settings.beaten().is_empty() {
        let names = settings.beaten().join(", ");
        named.push(format!("local.settings.json, as the shell sets these variables: {names}"));
    }
    (!named.is_empty()).then(|| format!("without effect on this host: {}", named.join("; ")))
}

fn is_within(path: &str, honoured: &str) -> bool {
    path.strip_prefix(honoured).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

fn collect(path: &str, shown: &str, members: &Map<String, Value>, found: &mut Vec<String>) {
    for (name, value) in members {
        let path = format!("{path}{}", name.to_lowercase());
        let shown = format!("{shown}{name}");
        match value {
            _ if HONOURED.contains(&path.as_str()) => {}
            Value::Object(inner) if CONTAINERS.contains(&path.as_str()) => {
                collect(&format!("{path}:"), &format!("{shown}."), inner, found);
            }
            // What is switched off is off here too.
            Value::Bool(false) => {}
            _ => found.push(shown),
        }
    }
}
