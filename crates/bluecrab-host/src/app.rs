//! The function app on disk: host.json, local.settings.json, and the settings that its worker gets.

use crate::error::HostError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A function app as its folder describes it.
#[derive(Debug, Clone)]
pub struct App {
    /// The app's folder, absolute.
    pub root: PathBuf,
    /// What comes before every route, without slashes at its ends; may be empty.
    pub route_prefix: String,
    /// How long an invocation may take; nothing where host.json sets no limit.
    pub function_timeout: Option<Duration>,
    /// `Values` of local.settings.json: the worker's additional environment.
    pub settings: BTreeMap<String, String>,
    /// When its files were read.
    pub read_at: Instant,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct HostJson {
    extensions: Extensions,
    function_timeout: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Extensions {
    http: HttpExtension,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct HttpExtension {
    route_prefix: String,
}

impl Default for HttpExtension {
    fn default() -> Self {
        Self { route_prefix: "api".to_owned() }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LocalSettings {
    #[serde(rename = "Values")]
    values: BTreeMap<String, String>,
}

impl App {
    /// Reads the app in a folder.
    ///
    /// # Errors
    /// Where the folder is no function app, or one of its files is not what it should be.
    pub fn read(folder: &Path) -> Result<Self, HostError> {
        let read_at = Instant::now();
        let root = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
        for missing in ["host.json", "package.json"] {
            if !root.join(missing).is_file() {
                return Err(HostError::NotAnApp { folder: root, missing });
            }
        }
        let host: HostJson = read_json(&root.join("host.json"))?;
        let settings_file = root.join("local.settings.json");
        let settings: LocalSettings =
            if settings_file.is_file() { read_json(&settings_file)? } else { LocalSettings::default() };
        let function_timeout = match host.function_timeout.as_deref() {
            None | Some("-1") => None,
            Some(text) => Some(parse_time_span(text).ok_or_else(|| HostError::Unreadable {
                file: root.join("host.json"),
                reason: format!("functionTimeout \"{text}\" is not a time span such as \"00:05:00\""),
            })?),
        };
        Ok(Self {
            route_prefix: host.extensions.http.route_prefix.trim_matches('/').to_owned(),
            function_timeout,
            settings: settings.values,
            root,
            read_at,
        })
    }
}

fn read_json<T: DeserializeOwned>(file: &Path) -> Result<T, HostError> {
    let unreadable = |reason: String| HostError::Unreadable { file: file.to_path_buf(), reason };
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))?;
    serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| unreadable(error.to_string()))
}

/// `[d.]hh:mm:ss`, as .NET writes a time span.
fn parse_time_span(text: &str) -> Option<Duration> {
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) => (days.parse::<u64>().ok()?, clock),
        None => (0, text),
    };
    let mut parts = clock.split(':').map(str::parse::<u64>);
    let (hours, minutes, seconds) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    parts.next().is_none().then(|| Duration::from_secs(((days * 24 + hours) * 60 + minutes) * 60 + seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_time_spans() {
        assert_eq!(parse_time_span("00:05:00"), Some(Duration::from_secs(300)));
        assert_eq!(parse_time_span("1.00:00:01"), Some(Duration::from_secs(86_401)));
        assert_eq!(parse_time_span("5 minutes"), None);
    }

    #[test]
    fn reads_an_app_and_says_what_is_wrong_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let missing = App::read(folder.path()).unwrap_err().to_string();
        assert!(missing.contains("has no host.json"), "{missing}");
        std::fs::write(folder.path().join("host.json"), r#"{"version":"2.0"}"#).unwrap();
        std::fs::write(folder.path().join("package.json"), "{}").unwrap();
        std::fs::write(folder.path().join("local.settings.json"), r#"{"Values":{"REGION":"north"}}"#).unwrap();
        let app = App::read(folder.path()).unwrap();
        assert_eq!((app.route_prefix.as_str(), app.settings["REGION"].as_str()), ("api", "north"));
        std::fs::write(folder.path().join("host.json"), "{\n  oops").unwrap();
        let broken = App::read(folder.path()).unwrap_err().to_string();
        assert!(broken.contains("host.json") && broken.contains("line 2"), "{broken}");
    }
}
