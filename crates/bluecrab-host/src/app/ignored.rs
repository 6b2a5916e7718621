//! Finds the settings of an app that have no effect on this host, so that the developer learns about them here.

use super::config::Config;
use super::settings::{LocalHost, Settings};
use serde_json::{Map, Value};

/// The members of host.json that this host supports, as lower-case paths.
const SUPPORTED: [&str; 20] = [
    "$schema",
    "version",
    "functiontimeout",
    "functions",
    "logging:loglevel",
    "extensions:http:routeprefix",
    "extensions:http:maxoutstandingrequests",
    "extensions:http:maxconcurrentrequests",
    "extensions:http:customheaders",
    "extensions:mcp:servername",
    "extensions:mcp:serverversion",
    "extensions:mcp:instructions",
    "extensions:queues:batchsize",
    "extensions:queues:newbatchthreshold",
    "extensions:queues:maxdequeuecount",
    "extensions:queues:visibilitytimeout",
    "extensions:queues:maxpollinginterval",
    "extensions:queues:messageencoding",
    "extensions:blobs:maxdegreeofparallelism",
    "extensions:blobs:poisonblobthreshold",
];
/// Members of host.json whose own members are listed one by one.
const CONTAINERS: [&str; 7] = [
    "logging",
    "extensions",
    "extensions:http",
    "extensions:http:hsts",
    "extensions:mcp",
    "extensions:queues",
    "extensions:blobs",
];

/// Returns a line that names all settings without effect, or `None` if every setting has an effect.
pub fn line(host_json: &Map<String, Value>, config: &Config, settings: &Settings, local: &LocalHost) -> Option<String> {
    let mut in_host_json = Vec::new();
    collect("", "", host_json, &mut in_host_json);
    let mut variables: Vec<String> = config
        .overridden()
        .filter(|(path, _)| !SUPPORTED.iter().any(|supported| is_within(path, supported)))
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
    if !settings.overridden_by_shell().is_empty() {
        let names = settings.overridden_by_shell().join(", ");
        named.push(format!("local.settings.json, as the shell sets these variables: {names}"));
    }
    (!named.is_empty()).then(|| format!("without effect on this host: {}", named.join("; ")))
}

fn is_within(path: &str, supported: &str) -> bool {
    path.strip_prefix(supported).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

fn collect(path: &str, shown: &str, members: &Map<String, Value>, found: &mut Vec<String>) {
    for (name, value) in members {
        let path = format!("{path}{}", name.to_lowercase());
        let shown = format!("{shown}{name}");
        match value {
            _ if SUPPORTED.contains(&path.as_str()) => {}
            Value::Object(inner) if CONTAINERS.contains(&path.as_str()) => {
                collect(&format!("{path}:"), &format!("{shown}."), inner, found);
            }
            // A feature that is switched off is also off on this host.
            Value::Bool(false) => {}
            _ => found.push(shown),
        }
    }
}
