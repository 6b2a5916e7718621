//! Reads and checks single values of host.json and of the app settings.

use super::config::Config;
use super::settings::Settings;
use super::time_span::TimeSpan;
use crate::error::HostError;
use serde_json::{Map, Value};
use std::path::Path;
use std::time::Duration;

/// The platform's time limit for an invocation if host.json sets none, except on the Consumption plan
/// (azure-functions-host, `ScriptJobHostOptionsSetup.DefaultFunctionTimeout`).
const DEFAULT_FUNCTION_TIMEOUT: Duration = Duration::from_secs(30 * 60);

pub fn check_version(root: &Path, host_json: &Map<String, Value>) -> Result<(), HostError> {
    let reason = match host_json.get("version") {
        // The platform accepts an empty host.json without a version.
        None if host_json.is_empty() => return Ok(()),
        Some(Value::String(version)) if version == "2.0" => return Ok(()),
        None => r#"it has no "version": write "version": "2.0""#.to_owned(),
        Some(other) => {
            format!(
                r#""version" is {other}: write "version": "2.0", the version of the file's format and not of the host"#
            )
        }
    };
    Err(HostError::Unreadable { file: root.join("host.json"), reason })
}

pub fn check_runtime(settings: &Settings) -> Result<(), HostError> {
    match settings.get("FUNCTIONS_WORKER_RUNTIME") {
        Some(runtime) if !runtime.eq_ignore_ascii_case("node") => Err(HostError::WrongSetting {
            place: "the app setting FUNCTIONS_WORKER_RUNTIME".to_owned(),
            value: runtime.to_owned(),
            expected: "node",
        }),
        _ => Ok(()),
    }
}

pub fn route_prefix(config: &Config) -> Result<String, HostError> {
    const PATH: &str = "extensions:http:routeprefix";
    let prefix = config.text(PATH).unwrap_or("api");
    let inner = prefix.strip_prefix('/').unwrap_or(prefix);
    if inner.starts_with('/') || inner.ends_with('/') {
        return Err(config.wrong(PATH, "a prefix without a slash at its end"));
    }
    Ok(inner.to_owned())
}

pub fn function_timeout(config: &Config) -> Result<Option<Duration>, HostError> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let read = |text: &str| match TimeSpan::parse(text)? {
        TimeSpan { is_negative: true, length: DAY } => Some(None),
        span => (!span.is_negative && span.length >= Duration::from_secs(1)).then_some(Some(span.length)),
    };
    let expected = "a time span of at least 1 s, such as \"00:05:00\", or \"-1\" for no limit";
    Ok(config.read("functiontimeout", expected, read)?.unwrap_or(Some(DEFAULT_FUNCTION_TIMEOUT)))
}

/// Reads the body limit. The platform silently ignores a value that is not a number; this host reports it as an error.
pub fn body_bytes(settings: &Settings) -> Result<Option<u64>, HostError> {
    const NAME: &str = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";
    let Some(value) = settings.get(NAME) else { return Ok(None) };
    let limit = value.trim().parse().ok().filter(|limit| *limit > 0);
    let wrong = || HostError::WrongSetting {
        place: format!("the app setting {NAME}"),
        value: value.to_owned(),
        expected: "a number of bytes",
    };
    limit.map(Some).ok_or_else(wrong)
}

pub fn arguments(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
